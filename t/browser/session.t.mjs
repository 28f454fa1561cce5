// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The mod_clinicportal authors
// What a browser does with a session: two at once, its end, the way back.
import assert from "node:assert/strict";
import {
  logIn,
  signIn,
  signedInContext,
  testPortal,
  watch,
} from "../lib/portal.mjs";
import { test } from "../lib/tap.mjs";

const NEWS = `INSERT INTO account_change (clinic_id, account_id, version)
    SELECT clinic_id, account_id, 1 FROM account WHERE true
    ON CONFLICT (clinic_id, account_id) DO UPDATE
    SET version = account_change.version + 1`;

const logOut = (page) => page.getByRole("button", { name: "Log out" }).click();
const brand = (page) => page.locator(".who").innerText();

async function twoTabs(portal, context) {
  const staff = await context.newPage();
  const patient = await context.newPage();
  await signIn(staff, portal, "DoeJ", "Staff");
  await signIn(patient, portal, "mlopez", "Patient");
  const names = [await brand(staff), await brand(patient)];
  await staff.reload();
  await patient.reload();
  assert.deepEqual([await brand(staff), await brand(patient)], names);
  assert.notEqual(names[0], names[1]);

  await logOut(patient);
  await patient.getByText("You are signed out.").waitFor();
  await staff.goto(portal.url("/staff/messages"));
  assert.equal(staff.url(), portal.url("/staff/messages"), "staff stays in");
}

async function backAfterLogout(portal, context) {
  const page = await context.newPage();
  await signIn(page, portal, "DoeJ");
  await page.goto(portal.url("/staff/messages"));
  await logOut(page);
  await page.getByText("You are signed out.").waitFor();
  await page.goBack();
  await page.waitForLoadState();
  assert.match(page.url(), /index\.aspx/);
  assert.equal(await page.locator(".who").count(), 0, "nothing is shown");
}

// The open page asks, hears that the session is over, and leaves by itself.
async function endedMeanwhile(portal, context) {
  const page = await context.newPage();
  const complaints = watch(page, /status of 401/);
  await signIn(page, portal, "DoeJ");
  await page.clock.install();
  await page.goto(portal.url("/staff/schedule?view=week"));
  assert(await portal.sql("UPDATE session SET last_seen_at = 1"));
  await Promise.all([
    page.waitForURL(/index\.aspx/),
    page.clock.runFor(60000),
  ]);
  await page.getByText("signed out after 15 minutes without activity").waitFor();
  await page.clock.resume();
  await logIn(page, "DoeJ");
  assert.equal(page.url(), portal.url("/staff/schedule?view=week"));
  assert.deepEqual(complaints, []);
}

async function newsArrive(portal, context) {
  const page = await context.newPage();
  await page.clock.install();
  await signIn(page, portal, "DoeJ");
  const asked = () => page.waitForResponse(/\/changes$/);
  await Promise.all([asked(), page.reload()]);
  assert(await portal.sql(NEWS));
  await Promise.all([asked(), page.clock.runFor(60000)]);
  await page.getByRole("link", { name: "reload" }).click();
  await page.waitForLoadState();
  assert.equal(await page.locator(".news").innerText(), "");
}

// Signing in needs a script; what follows does not.
async function scriptOff(portal, context, browser) {
  const page = await context.newPage();
  await signIn(page, portal, "DoeJ");
  const plain = await signedInContext(browser, context, {
    javaScriptEnabled: false,
  });
  const reader = await plain.newPage();
  await reader.goto(portal.url("/staff/"));
  for (const name of ["Schedule", "Documents", "Messages"]) {
    await reader.getByRole("link", { name, exact: true }).click();
    assert.equal(await reader.locator("h1").innerText(), name);
  }
  await reader.locator(".items a").first().click();
  assert(await reader.locator(".conversation .said").count());
  await reader.goto(portal.url("/staff/schedule"));
  await reader.getByLabel("Go to date").fill("2027-01-04");
  await reader.getByRole("button", { name: "Go" }).click();
  await reader.waitForURL(/date=2027-01-04/);
  await logOut(reader);
  await reader.getByText("You are signed out.").waitFor();
  await plain.close();
}

async function download(portal, context) {
  const page = await context.newPage();
  await signIn(page, portal, "DoeJ");
  await page.goto(portal.url("/staff/documents"));
  await page.locator(".items a").first().click();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download" }).click(),
  ]);
  assert.equal(await file.failure(), null);
  assert.match(file.suggestedFilename(), /\.\w+$/);
  const chunks = [];
  for await (const chunk of await file.createReadStream()) {
    chunks.push(chunk);
  }
  assert(Buffer.concat(chunks).length > 100, "the file has its bytes");
}

const CASES = [
  ["staff and patient in one browser", twoTabs],
  ["after signing out, Back shows nothing", backAfterLogout],
  ["the session ends while a page is open", endedMeanwhile],
  ["a page hears of news", newsArrive],
  ["inside pages without JavaScript", scriptOff],
  ["a document is downloaded", download],
];

await testPortal({ base: "/portal" }, async (portal, browser) => {
  for (const [name, body] of CASES) {
    await test(name, async () => {
      const context = await browser.newContext();
      try {
        await body(portal, context, browser);
      } finally {
        await context.close();
      }
    });
  }
});
