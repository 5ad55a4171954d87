/* The style sheets. Owns: how pages look, on a phone of 320 pixels and on A4. Must not: hold words. */
#include "client/html.h"

/* Contrast: #1a1a1a and #4a4a4a on white are 17 and 8 to 1, lines are #767676 or darker. Nothing is said by colour. */
const char cp_html_style_all[] =
    "*{box-sizing:border-box}\n"
    "html{-webkit-text-size-adjust:100%}\n"
    "body{margin:0 auto;padding:1rem;max-width:70rem;color:#1a1a1a;background:#fff;line-height:1.5;"
    "font-family:Arial,Helvetica,\"Liberation Sans\",\"DejaVu Sans\",sans-serif;overflow-wrap:anywhere}\n"
    "h1{font-size:1.75em;line-height:1.2;margin:0 0 .5em}\n"
    "h2{font-size:1.35em;line-height:1.25;margin:1.5em 0 .5em}\n"
    "h3{font-size:1.1em;margin:1em 0 .35em}\n"
    "h3::first-letter,caption::first-letter{text-transform:uppercase}\n"
    "p{margin:.35em 0}\n"
    "ul{margin:.35em 0;padding-left:1.4em}\n"
    "bdi,.tongue{unicode-bidi:isolate}\n"
    ".tongue{display:block;text-align:start}\n"
    "footer{margin-top:2em;border-top:1px solid #595959;padding-top:.5em;color:#4a4a4a}\n"
    "@page{size:A4;margin:16mm 15mm 20mm;@bottom-left{font:9pt Arial,sans-serif;color:#333}"
    "@bottom-right{font:9pt Arial,sans-serif;color:#333}}\n"
    "@media print{body{padding:0;max-width:none}h1,h2,h3{break-after:avoid}"
    "p{orphans:3;widows:3}}\n";

const char cp_html_style_plan[] =
    "body{font-size:1rem}\n"
    ".state{border-left:.4em solid #1a1a1a;padding-left:.6em}\n"
    ".label{color:#4a4a4a}\n"
    ".id{font-size:.85em;color:#4a4a4a}\n"
    ".two{border-left:.25em double #1a1a1a;padding-left:.6em}\n"
    "ul.two{padding-left:2em}\n"
    ".more{font-weight:normal;font-size:.95em}\n"
    "table{border-collapse:collapse;width:100%;margin:.5em 0}\n"
    "caption{text-align:start;color:#4a4a4a;padding:.25em 0}\n"
    "th,td{border:1px solid #767676;padding:.4em .5em;text-align:start;vertical-align:top}\n"
    "thead th{background:#eee}\n"
    /* On a narrow screen each row is a card, and each cell says what it is. */
    "@media screen and (max-width:50rem){thead{position:absolute;width:1px;height:1px;overflow:hidden;"
    "clip-path:inset(50%)}table,tbody,tr,tbody th,tbody td,caption{display:block}"
    "tr{border:1px solid #767676;margin:0 0 1em}tbody th,tbody td{border:0;border-bottom:1px solid #ccc}"
    "tbody td[data-head]::before{content:attr(data-head);display:block;font-weight:bold}"
    "tbody td:empty{display:none}}\n"
    "@media print{body{font-size:10.5pt;line-height:1.35}thead{display:table-header-group}"
    "tr{break-inside:avoid}.short{break-after:page}table.actions{table-layout:fixed;font-size:9.5pt}"
    "table.actions thead th:first-child{width:27%}.worry{break-inside:avoid}}\n";

const char cp_html_style_large[] =
    "body{font-size:1.5rem}\n@media print{body,table.actions{font-size:18pt}"
    "table.actions,table.actions tbody,table.actions tr,table.actions tbody th,table.actions tbody td"
    "{display:block}table.actions thead{display:none}table.actions tr{break-inside:auto}"
    "table.actions tbody td[data-head]::before{content:attr(data-head);display:block;font-weight:bold}}\n";

/* The form begins on a sheet of its own; boxes and lines are large enough for a shaking hand, the slip is whole. */
const char cp_html_style_form[] =
    ".form ul.boxes,.form ul.parts{list-style:none;padding-left:0}\n"
    ".boxes li{margin:.6em 0}\n"
    ".part{margin:.8em 0;padding-left:.6em;border-left:.25em solid #1a1a1a;break-inside:avoid}\n"
    ".box{display:inline-block;width:1.4em;height:1.4em;border:2px solid #1a1a1a;vertical-align:middle;"
    "margin-right:.5em;background:#fff}\n"
    ".line{border-bottom:1px solid #1a1a1a;height:2.4em}\n"
    ".entry{display:flex;flex-wrap:wrap;align-items:flex-end;gap:.5em;margin:.9em 0}\n"
    ".fill{flex:1 1 8em;border-bottom:1px solid #1a1a1a;height:2em}\n"
    "code{font-family:\"Liberation Mono\",\"DejaVu Sans Mono\",monospace}\n"
    ".slip{border-top:3px dashed #1a1a1a;margin-top:2em;padding-top:.3em;break-inside:avoid}\n"
    "@media print{.form{break-before:page}.form section{break-inside:avoid}}\n";

/* 16 pt or more everywhere: picture on the left, words on the right, bold and never slanted. */
const char cp_html_style_easy[] =
    "body{font-size:16pt;max-width:48rem}\n"
    "h1{font-size:26pt}\nh2{font-size:22pt;border-top:3px solid #1a1a1a;padding-top:.4em}\nh3{font-size:18pt}\n"
    ".block{display:grid;grid-template-columns:minmax(4.5rem,8rem) minmax(0,1fr);gap:1rem;align-items:center;"
    "margin:1rem 0;break-inside:avoid}\n"
    ".slot{display:flex;justify-content:center;align-items:center}\n"
    ".slot svg{width:100%;max-width:6.5rem;height:auto;display:block;fill:none;stroke:#1a1a1a;stroke-width:3;"
    "stroke-linecap:round;stroke-linejoin:round}\n"
    ".own{width:100%;min-height:6.5rem;border:2px dashed #595959;padding:.3rem;display:flex;align-items:center;"
    "justify-content:center;text-align:center}\n"
    ".emoji{font-size:54pt;line-height:1.1}\n"
    ".words p{margin:.2em 0}\n"
    "@media print{.block{grid-template-columns:28mm minmax(0,1fr);margin:3mm 0;gap:6mm}"
    ".slot svg{max-width:24mm}.own{min-height:24mm}footer{font-size:16pt}"
    "@page{margin:14mm 15mm 20mm}"
    ".why .block{margin:1.5mm 0;grid-template-columns:20mm minmax(0,1fr)}.why .slot svg{max-width:17mm}"
    ".why .own{min-height:17mm}.why h2{margin:.5em 0 .2em}}\n";
