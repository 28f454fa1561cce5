// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The mod_clinicportal authors
// Another application behind the clinic's sign-in, as a person meets it: to the
// sign-in page and back, a form that is not lost, the password once more.
import assert from "node:assert/strict";
import { logIn, PASSWORD, testPortal, watch } from "../lib/portal.mjs";
import { test } from "../lib/tap.mjs";

const heading = (page) => page.getByRole("heading", { level: 1 });
// It has no icon, for which every browser asks.
const NO_ICON = /status of 404/;
// What the application says it received.
const received = async (page) => JSON.parse(await page.locator("pre").innerText());

async function signInOnTheWay(page, portal, address) {
  await page.goto(portal.url(address));
  if (await page.getByLabel("Clinic ID").count()) {
    await page.getByLabel("Clinic ID").fill("RIVERSIDE");
    await page.getByRole("button", { name: "Submit" }).click();
    await page.getByRole("link", { name: "Staff Login" }).click();
  }
  await logIn(page, "DoeJ");
}

async function roundTrip(portal, context) {
  const page = await context.newPage();
  const complaints = watch(page, NO_ICON);
  await page.goto(portal.url("/app/list?of=a%26b"));
  await page.getByText("Log in to go on to the page you asked for.").waitFor();
  await page.getByLabel("Clinic ID").fill("RIVERSIDE");
  await page.getByRole("button", { name: "Submit" }).click();
  await page.getByRole("link", { name: "Staff Login" }).click();
  await logIn(page, "DoeJ");
  assert.equal(page.url(), portal.url("/app/list?of=a%26b"));
  const seen = await received(page);
  assert.equal(seen.target, "/app/list?of=a%26b");
  assert(!/clinicportal/.test(seen.headers.cookie ?? ""), "no cookie of ours");
  assert.deepEqual(complaints, []);
}

// A form that the application's own page sends.
async function fillIn(page, target) {
  await page.evaluate((action) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = action;
    const note = document.createElement("textarea");
    note.name = "note";
    note.value = "Half an hour's work: \u00fc & more";
    const button = document.createElement("button");
    button.textContent = "Save";
    form.append(note, button);
    document.body.append(form);
  }, target);
  await Promise.all([
    page.waitForNavigation(),
    page.getByRole("button", { name: "Save" }).click(),
  ]);
}

async function keptForm(portal, context) {
  const page = await context.newPage();
  const complaints = watch(page, NO_ICON);
  await signInOnTheWay(page, portal, "/app/");
  await portal.sql("UPDATE session SET last_seen_at = 1");
  await fillIn(page, portal.url("/app/save?id=7"));
  await page.getByText("signed out after 15 minutes without activity").waitFor();
  await logIn(page, "DoeJ");
  assert.equal(await heading(page).innerText(), "Send your form now?");
  // By keyboard alone.
  const send = page.getByRole("button", { name: "Send it now" });
  for (let i = 0; i < 20 && !(await send.evaluate((e) =>
    e === document.activeElement)); i++) {
    await page.keyboard.press("Tab");
  }
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  const seen = await received(page);
  assert.equal(`${seen.method} ${seen.target}`, "POST /app/save?id=7");
  assert.equal(
    new URLSearchParams(seen.body).get("note"),
    "Half an hour's work: \u00fc & more",
  );
  assert.deepEqual(complaints, []);
}

async function oncemore(portal, context) {
  const page = await context.newPage();
  const complaints = watch(page, /status of 40[34]/);
  await signInOnTheWay(page, portal, "/app/");
  await page.goto(portal.url("/fresh/orders"));
  assert.equal((await received(page)).target, "/fresh/orders");
  await portal.sql("UPDATE session SET authenticated_at = 1");
  await page.goto(portal.url("/fresh/orders?page=2"));
  assert.equal(await heading(page).innerText(), "Please confirm that it is you");
  await page.getByLabel("Your password").fill("wrong");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await page.getByText("The password is not right.").waitFor();
  await page.getByLabel("Your password").fill(PASSWORD);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.equal(page.url(), portal.url("/fresh/orders?page=2"));
  await page.goto(portal.url("/closed/"));
  assert.equal(await heading(page).innerText(), "Not for this account");
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByText("You are signed out.").waitFor();
  await page.goto(portal.url("/app/"));
  await page.getByText("Log in to go on").waitFor();
  assert.deepEqual(complaints, []);
}

async function withoutScript(portal, context, scripted) {
  const before = await scripted.newPage();
  await signInOnTheWay(before, portal, "/app/");
  await context.addCookies(await scripted.cookies());
  const page = await context.newPage();
  await portal.sql("UPDATE session SET authenticated_at = 1");
  await page.goto(portal.url("/fresh/x"));
  await page.getByLabel("Your password").fill(PASSWORD);
  await Promise.all([
    page.waitForNavigation(),
    page.getByRole("button", { name: "Go on" }).click(),
  ]);
  assert.equal((await received(page)).target, "/fresh/x");
}

await testPortal({ app: true }, async (portal, browser) => {
  const tests = [
    ["to sign-in and back to the very address", roundTrip],
    ["a form sent after the session had ended", keptForm],
    ["the password once more, and no entry", oncemore],
  ];
  for (const [name, body] of tests) {
    const context = await browser.newContext();
    await test(name, () => body(portal, context));
    await context.close();
  }
  await test("without script", async () => {
    const scripted = await browser.newContext();
    const context = await browser.newContext({ javaScriptEnabled: false });
    await withoutScript(portal, context, scripted);
  });
  await portal.order({ claim: ["authz_core:error"] });
});
