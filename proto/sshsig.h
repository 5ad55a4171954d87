/*
 * SSH signatures (openssh PROTOCOL.sshsig), Ed25519 and SHA-512 only, and public keys as OpenSSH writes them.
 * Owns: blob layout and armour. Must not: sign (the keeper does, over cp_sshsig_input).
 */
#ifndef CP_SSHSIG_H
#define CP_SSHSIG_H

#include "proto/bytes.h"

#define CP_SSHSIG_NAMESPACE "coplan-agreement-v1"

/* The bytes an Ed25519 key signs: "SSHSIG" | namespace | reserved "" | "sha512" | SHA-512(message). */
void cp_sshsig_input(struct cp_bytes message, struct cp_buf *out);
/* Armoured signature file (LF line ends, 70 columns as ssh-keygen writes it). */
void cp_sshsig_armour(const uint8_t key[static CP_KEY_LEN], const uint8_t sig[static CP_SIG_LEN],
                      struct cp_buf *out);
/*
 * Reads an armoured file strictly: exactly what cp_sshsig_armour would write for its key and signature.
 * Errors: NOT_GOOD.
 */
CP_MUST_USE enum cp_err cp_sshsig_read(struct cp_bytes armour, uint8_t key[static CP_KEY_LEN],
                                       uint8_t sig[static CP_SIG_LEN]);
/* True when sig is key's over the message in our namespace. */
bool cp_sshsig_ok(struct cp_bytes message, const uint8_t key[static CP_KEY_LEN],
                  const uint8_t sig[static CP_SIG_LEN]);
/* "ssh-ed25519 AAAA..." without comment. */
void cp_ssh_public(const uint8_t key[static CP_KEY_LEN], struct cp_buf *out);
CP_MUST_USE enum cp_err cp_ssh_public_read(struct cp_bytes text, uint8_t key[static CP_KEY_LEN]);
/* "SHA256:..." as ssh-keygen -l prints. */
void cp_ssh_fingerprint(const uint8_t key[static CP_KEY_LEN], struct cp_buf *out);

#endif
