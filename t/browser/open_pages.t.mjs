// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The mod_clinicportal authors
// What a page does by itself while it is open, and the way out of one begun.
import assert from "node:assert/strict";
import { logIn, signIn, solveBox, testPortal, watch } from "../lib/portal.mjs";
import { test } from "../lib/tap.mjs";

const NEWS = `INSERT INTO account_change (clinic_id, account_id, version)
    SELECT clinic_id, account_id, 7 FROM account WHERE true
    ON CONFLICT (clinic_id, account_id) DO UPDATE
    SET version = account_change.version + 1`;

const press = (page, name) =>
  Promise.all([
    page.waitForNavigation(),
    page.getByRole("button", { name, exact: true }).click(),
  ]);

async function boxIsThere(page, portal) {
  await page.goto(portal.url("/forgot?clinicID=RIVERSIDE&LoginType=Patient"));
  await solveBox(page);
  // Else it would be seen, once its time has come.
  await page.locator(".late[hidden]").waitFor({ state: "attached" });
}

// What comes after it is news: no time passes before the first look.
async function firstLook(page, portal) {
  await page.clock.install();
  await signIn(page, portal, "DoeJ");
  await page.clock.pauseAt(Date.now() + 60000);
  const asked = () => page.waitForResponse(/\/changes$/);
  await Promise.all([asked(), page.reload()]);
  assert(await portal.sql(NEWS));
  await Promise.all([asked(), page.clock.runFor(60000)]);
  await page.getByRole("link", { name: "reload" }).waitFor();
}

// The page is made, and something changes before its script has come.
async function beforeTheScript(page, portal) {
  await signIn(page, portal, "DoeJ");
  let letGo;
  const held = new Promise((resolve) => {
    letGo = resolve;
  });
  await page.route(/\/portal\.js$/, async (route) => {
    await held;
    await route.continue();
  });
  const wanted = page.waitForRequest(/\/portal\.js$/);
  const loaded = page.reload();
  await wanted;
  assert(await portal.sql(NEWS));
  letGo();
  await loaded;
  await page.getByRole("link", { name: "reload" }).waitFor();
}

// When, on the page's clock, it asked how long the session lasts.
function noteQuestions() {
  const { fetch } = window;
  window.madeAt = Date.now();
  window.askedAt = [];
  window.fetch = (url, ...rest) => {
    if (url.endsWith("/session")) {
      window.askedAt.push(Date.now());
    }
    return fetch(url, ...rest);
  };
}

// The page's clock goes on in steps, each once its script has had its turn, until
// it has asked so often.
async function untilAsked(page, times) {
  for (let steps = 0; steps < 240; steps += 1) {
    const at = await page.evaluate(() => window.askedAt);
    if (at.length >= times) {
      return at;
    }
    await page.clock.runFor(500);
  }
  return assert.fail(`it did not ask ${times} times within two minutes`);
}

// The server says "0 seconds" all through the last second.
async function lastSecond(page, portal) {
  const askedAt = () => page.evaluate(() => window.askedAt);
  await page.clock.install();
  await page.addInitScript(noteQuestions);
  await signIn(page, portal, "mlopez", "Patient");
  await page.clock.pauseAt(Date.now() + 60000);
  await page.route(/\/patient\/session$/, (route) =>
    route.fulfill({ json: { data: { seconds_left: 0 } } }),
  );
  const calmFor = await page.evaluate(() => {
    const { secondsLeft } = document.getElementById("session-end").dataset;
    return window.madeAt + (secondsLeft - 60) * 1000 - 1 - Date.now();
  });
  await page.clock.runFor(calmFor);
  assert.deepEqual(await askedAt(), []);
  await untilAsked(page, 1);
  await page.getByRole("dialog").waitFor();
  const at = await untilAsked(page, 3);
  const apart = at.slice(1).map((later, i) => later - at[i]);
  assert(Math.min(...apart) >= 1000, `on the page's clock: ${apart} ms apart`);
}

async function noAuthenticator(page, portal) {
  await portal.ctl("clinic", "set", "RIVERSIDE", "--second-factor", "all");
  await page.goto(portal.entry("Patient"));
  await logIn(page, "tnguyen");
  await press(page, "Set up an authenticator");
  await page.locator(".secret").waitFor();
  await page.getByText("No authenticator at hand?").waitFor();
  await press(page, "Use codes by mail");
  let code = null;
  while (code === null) {
    const { text } = await portal.nextMail(); // the first: a factor was set
    code = /Your code for logging in[^:]*:\s+(\S+)/.exec(text);
  }
  await page.getByLabel("Code").fill(code[1]);
  await press(page, "Go on");
  assert.equal(page.url(), portal.url("/patient/"));
  await page.goto(portal.url("/patient/account/factor"));
  await page.getByText("You get codes by mail.").waitFor();
  assert.equal(await page.locator(".secret").count(), 0, "no secret waits");
}

const CASES = [
  ["a box that is there is not missed", boxIsThere],
  ["the first look comes with the page", firstLook],
  ["what changes before the script has come is news", beforeTheScript],
  ["the last second of a session", lastSecond],
  ["codes by mail instead of an authenticator begun", noAuthenticator],
];

await testPortal({ mail: true }, async (portal, browser) => {
  for (const [name, body] of CASES) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const complaints = watch(page);
    await test(name, async () => {
      await body(page, portal);
      assert.deepEqual(complaints, []);
    });
    await context.close();
  }
});
