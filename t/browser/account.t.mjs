// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The mod_clinicportal authors
// Keeping an account safe, as a person does it: an authenticator, a lost
// telephone, a password from the mail, a session that is about to end.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import {
  alertText,
  fill,
  logIn,
  PASSWORD,
  signIn,
  solveBox,
  testPortal,
  watch,
} from "../lib/portal.mjs";
import { test } from "../lib/tap.mjs";

const NEW_PASSWORD = "seven green teapots sing";
const heading = (page) => page.getByRole("heading", { level: 1 });
const press = (page, name) =>
  Promise.all([
    page.waitForNavigation(),
    page.getByRole("button", { name, exact: true }).click(),
  ]);

// RFC 6238, from the secret as the page shows it.
function codeOf(secret, steps = 0) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const letter of secret.replaceAll(" ", "")) {
    bits += alphabet.indexOf(letter).toString(2).padStart(5, "0");
  }
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30000) + steps));
  const mac = createHmac("sha1", key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, "0");
}

// The code of the step before is good until this one ends: the next is waited for
// if that is near.
async function codeOfBefore(page, secret) {
  const left = 30000 - (Date.now() % 30000);
  if (left < 10000) {
    await page.waitForTimeout(left);
  }
  return codeOf(secret, -1);
}

const kept = {}; // the secret and the recovery codes of the first test

async function enrol(portal, context) {
  const page = await context.newPage();
  const complaints = watch(page);
  await page.goto(portal.entry("Staff"));
  await logIn(page, "DoeJ");
  assert.equal(await heading(page).innerText(), "Second factor");
  assert.equal(await page.getByRole("navigation").count(), 0, "no way around");
  await press(page, "Set up an authenticator");
  const picture = page.locator("img.qr");
  assert(await picture.evaluate((image) => image.complete && image.naturalWidth > 0));
  kept.secret = await page.locator(".secret").innerText();
  await page.getByLabel("Code").fill(await codeOfBefore(page, kept.secret));
  await press(page, "Confirm");
  assert.equal(await heading(page).innerText(), "Your recovery codes");
  kept.codes = await page.locator(".codes code").allInnerTexts();
  assert.equal(kept.codes.length, 10);
  await page.getByRole("link", { name: /Go on/ }).click();
  await page.waitForURL(portal.url("/staff/"));
  assert.deepEqual(complaints, []);
}

async function withCode(portal, context) {
  const page = await context.newPage();
  const complaints = watch(page, /status of 403/);
  await page.goto(portal.entry("Staff"));
  await page.goto(portal.url("/staff/messages"));
  await logIn(page, "DoeJ");
  assert.equal(await heading(page).innerText(), "Enter your code");
  assert(await page.getByLabel("Code").evaluate((e) => e === document.activeElement));
  await page.keyboard.type("000000");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.match(await alertText(page), /not right/);
  await page.getByLabel("Code").fill(codeOf(kept.secret));
  await page.getByLabel(/Do not ask in this browser/).check();
  await press(page, "Go on");
  assert.equal(page.url(), portal.url("/staff/messages"), "where they were going");
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByText("You are signed out.").waitFor();
  await logIn(page, "DoeJ");
  assert.equal(page.url(), portal.url("/staff/"), "this browser is not asked again");
  assert.deepEqual(complaints, []);
}

async function phoneLost(portal, context) {
  const page = await context.newPage();
  await page.goto(portal.entry("Staff"));
  await logIn(page, "DoeJ");
  await page.getByLabel("Code").fill(kept.codes[0].toLowerCase());
  await press(page, "Go on");
  assert.equal(page.url(), portal.url("/staff/"));
  await page.goto(portal.url("/staff/account"));
  await page.getByRole("link", { name: "Second factor" }).click();
  await page.getByText("9 of your recovery codes are left").waitFor();
  await page.locator("#present-otp").fill(PASSWORD);
  await press(page, "Set up an authenticator");
  kept.secret = await page.locator(".secret").innerText();
  await page.getByLabel("Code").fill(codeOf(kept.secret));
  await press(page, "Confirm");
  await page.getByRole("link", { name: /Go on/ }).click();
  await page.getByText("Your second factor is set.").waitFor();
}

async function fromTheMail(portal, context) {
  const page = await context.newPage();
  const complaints = watch(page, /status of 400/);
  await page.goto(portal.entry("Patient"));
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await page.getByLabel("User name").fill("mlopez");
  await solveBox(page);
  await press(page, "Send me a mail");
  await page.getByText("a mail is on its way").waitFor();
  let mail = await portal.nextMail();
  while (!mail.link) {
    mail = await portal.nextMail(); // of the tests before: a factor was set
  }
  const told = [];
  page.on("request", (request) => told.push(request.headers().referer ?? ""));
  await page.goto(mail.link);
  await page.getByLabel("New password").fill("short");
  await press(page, "Save my password");
  assert.match(await alertText(page), /breaks the rules/);
  await page.locator(".broken").getByText("At least 15").waitFor();
  await page.getByRole("button", { name: "Show password" }).click();
  await page.getByLabel("New password").fill(NEW_PASSWORD);
  assert.equal(await page.getByLabel("New password").getAttribute("type"), "text");
  await press(page, "Save my password");
  await page.getByText("Your new password is set").waitFor();
  assert(told.length > 3, "more than a page was asked for");
  assert.deepEqual(told.filter((referer) => /token/.test(referer)), []);
  await fill(page, "mlopez", NEW_PASSWORD);
  await solveBox(page);
  await press(page, "Log In to My Account");
  assert.equal(page.url(), portal.url("/patient/"));
  assert.deepEqual(complaints, []);
}

async function aboutToEnd(portal, context) {
  const page = await context.newPage();
  const other = await context.newPage();
  const complaints = watch(page, /status of 401/);
  await page.goto(portal.entry("Patient", "LAKEVIEW"));
  await logIn(page, "mlopez");
  await page.clock.install();
  await page.reload();
  await other.goto(portal.url("/patient/schedule"));
  const dialog = page.getByRole("dialog", { name: "Are you still there?" });
  assert.equal(await dialog.isVisible(), false);
  const asked = () => page.waitForResponse(/\/patient\/session$/);

  // A minute before the end the server is asked; it knows of no other tab.
  await portal.sql("UPDATE session SET last_seen_at = last_seen_at - 850000000");
  await Promise.all([asked(), page.clock.runFor(840500)]);
  await dialog.waitFor();
  await dialog.getByText(/signed out in \d+ seconds/).waitFor();
  const stay = dialog.getByRole("button", { name: "Stay signed in" });
  assert(await stay.evaluate((e) => e === document.activeElement), "focus");
  await Promise.all([asked(), page.keyboard.press("Enter")]);
  await dialog.waitFor({ state: "hidden" });

  // Another tab keeps the session alive: the question goes by itself.
  await portal.sql("UPDATE session SET last_seen_at = last_seen_at - 850000000");
  await Promise.all([asked(), page.clock.runFor(840500)]);
  await dialog.waitFor();
  await other.reload();
  await Promise.all([asked(), page.clock.runFor(5500)]);
  await dialog.waitFor({ state: "hidden" });

  // Nobody answers. (Of two tabs the first to hear of it is told why.)
  await other.close();
  await portal.sql("UPDATE session SET last_seen_at = 1");
  await Promise.all([
    page.waitForURL(/index\.aspx/),
    page.clock.runFor(900000),
  ]);
  await page.getByText("signed out after 15 minutes without activity").waitFor();
  assert.deepEqual(complaints, []);
}

// The page is left by itself; what was typed waits behind the next sign-in.
async function keptAnswer(portal, context) {
  const page = await context.newPage();
  const complaints = watch(page, /status of 401/);
  await page.goto(portal.entry("Staff", "LAKEVIEW"));
  await logIn(page, "DoeJ");
  await page.goto(portal.url("/staff/messages"));
  await page.locator(".items a").first().click();
  await page.getByLabel("Your answer").waitFor();
  await page.clock.install();
  await page.reload();
  const where = page.url();
  await page.getByLabel("Your answer").fill("Half a thought");
  await portal.sql("UPDATE session SET last_seen_at = 1");
  await Promise.all([
    page.waitForURL(/index\.aspx/),
    page.clock.runFor(900000),
  ]);
  await page.getByText("signed out after 15 minutes without activity").waitFor();
  await page.clock.resume();
  await logIn(page, "DoeJ");
  assert.equal(page.url(), where);
  await page.getByText("what you wrote before you were signed out").waitFor();
  const answer = page.getByLabel("Your answer");
  assert.equal(await answer.inputValue(), "Half a thought");
  await answer.fill("A whole thought");
  await press(page, "Send");
  await page.locator(".conversation .mine").getByText("A whole thought").waitFor();
  assert.equal(await answer.inputValue(), "");
  assert.deepEqual(complaints, []);
}

async function withoutScript(portal, context) {
  const page = await context.newPage();
  await page.goto(portal.url("/staff/account"));
  await page.getByText(/you are signed out at \d+:\d\d/).waitFor();
  await page.getByRole("link", { name: "Change your password" }).click();
  await page.getByLabel("Present password").fill(PASSWORD);
  await page.getByLabel("New password").fill(NEW_PASSWORD);
  await press(page, "Change my password");
  await page.getByText("Your password is changed").waitFor();
}

await testPortal({ mail: true }, async (portal, browser) => {
  const tests = [
    ["an authenticator is set up at the first sign-in", enrol],
    ["and asked for at the next", withCode],
    ["a recovery code stands in for a lost telephone", phoneLost],
    ["a new password by mail", fromTheMail],
    ["a session that is about to end", aboutToEnd],
    ["an answer that was not sent in time", keptAnswer],
  ];
  await portal.ctl("clinic", "set", "RIVERSIDE", "--second-factor", "all");
  for (const [name, body] of tests) {
    if (body === fromTheMail) {
      await portal.ctl("clinic", "set", "RIVERSIDE", "--second-factor", "off");
    }
    const context = await browser.newContext();
    await test(name, () => body(portal, context));
    await context.close();
  }
  await test("without script", async () => {
    const scripted = await browser.newContext();
    await signIn(await scripted.newPage(), portal, "DoeJ");
    const context = await browser.newContext({
      javaScriptEnabled: false,
      storageState: await scripted.storageState(),
    });
    await withoutScript(portal, context);
  });
});
