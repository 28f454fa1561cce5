// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The mod_clinicportal authors
// Tests that print TAP. One test is a name and a function that throws when
// it fails; the next one runs all the same.
import { inspect } from "node:util";

let count = 0;
let failures = 0;

function report(isOk, name, trouble) {
  count += 1;
  failures += isOk ? 0 : 1;
  console.log(`${isOk ? "ok" : "not ok"} ${count} - ${name.replace("#", "")}`);
  if (!isOk) {
    const text = trouble instanceof Error ? trouble.stack : inspect(trouble);
    console.log(text.replace(/^/gm, "# "));
  }
}

export async function test(name, body) {
  try {
    await body();
    report(true, name);
  } catch (error) {
    report(false, name, error);
  }
}

// The plan comes last: a file that ends early has none, and so fails.
export function done() {
  console.log(`1..${count}`);
  process.exitCode = failures > 0 || count === 0 ? 1 : 0;
}
