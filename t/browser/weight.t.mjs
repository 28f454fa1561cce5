// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The mod_clinicportal authors
// The login page is light, and can be read before anything else has come.
import assert from "node:assert/strict";
import { testPortal } from "../lib/portal.mjs";
import { test } from "../lib/tap.mjs";

const MOST_BYTES = 14 * 1024;
const DEFLATE =
  "AddOutputFilterByType DEFLATE text/html text/css text/javascript\n";

// Bytes on the wire, headers included, by the last part of the address. The
// box is the CAPTCHA's own.
async function weigh(page, url) {
  const session = await page.context().newCDPSession(page);
  const names = new Map();
  const bytes = new Map();
  await session.send("Network.enable");
  session.on("Network.responseReceived", ({ requestId, response }) =>
    names.set(requestId, new URL(response.url).pathname.split("/").pop()));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) =>
    bytes.set(names.get(requestId), encodedDataLength));
  await page.goto(url, { waitUntil: "networkidle" });
  return bytes;
}

await testPortal({ server_conf: DEFLATE }, async (portal, browser) => {
  const page = await browser.newPage();

  await test("HTML, CSS and script weigh at most 14 KiB, the widget aside", async () => {
    const bytes = await weigh(page, portal.entry("Staff"));
    const own = ["index.aspx", "portal.css", "login.js"];
    for (const name of own) {
      assert(bytes.get(name) > 0, `${name} was loaded`);
    }
    const sum = own.reduce((total, name) => total + bytes.get(name), 0);
    assert(sum <= MOST_BYTES, `${sum} bytes: ${JSON.stringify([...bytes])}`);
    console.log(`# ${sum} bytes`);
  });

  await test("readable and usable before CSS and scripts", async () => {
    await page.route(/\/assets\//, (route) => route.abort());
    await page.goto(portal.entry("Patient"));
    const text = await page.locator("body").innerText();
    for (const words of ["Riverside Behavioral Health", "Patient Login",
      "User name", "Log In to My Account", "Help with logging in"]) {
      assert(text.includes(words), words);
    }
    await page.getByRole("link", { name: "Staff Login" }).click();
    await page.waitForURL(/LoginType=Staff/);
  });
});
