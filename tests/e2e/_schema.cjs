// Holds a JSON file against the published schema, strictly. Prints what does not fit and ends with 1.
const fs = require("fs");
const Ajv = require(process.env.COPLAN_NPM + "/ajv/dist/2020.js").default;
const read = (path) => JSON.parse(fs.readFileSync(path, "utf8"));
const validate = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(read(process.argv[2]));
if (!validate(read(process.argv[3]))) {
  console.log(JSON.stringify(validate.errors.slice(0, 5)));
  process.exit(1);
}
