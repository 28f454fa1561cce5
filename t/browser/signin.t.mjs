// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The mod_clinicportal authors
// Signing in with a real browser, which solves the real box.
import assert from "node:assert/strict";
import {
  BUTTON,
  PASSWORD,
  alertText,
  box,
  fill,
  logIn,
  signIn,
  solveBox,
  watch,
  withPortal,
} from "../lib/portal.mjs";
import { done, test } from "../lib/tap.mjs";

const heading = (page) => page.getByRole("heading", { level: 1 });

// Runs body on a page of its own and fails if the page complained.
async function onPage(browser, body, { expected, ...options } = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = watch(page, expected);
  try {
    await body(page, context);
    assert.deepEqual(complaints, [], "nothing on the console");
  } finally {
    await context.close();
  }
}
// Chromium says on the console that an answer is no 200.
const REFUSED = { expected: /status of 403/ };

async function byMouse(page, portal) {
  await page.goto(portal.url("/"));
  await page.getByLabel("Clinic ID").fill(" riverside ");
  await page.getByRole("button", { name: "Submit" }).click();
  await page.getByRole("link", { name: "Staff Login" }).click();
  assert.match(page.url(), /\/index\.aspx\?clinicID=RIVERSIDE&LoginType=Staff$/);
  assert.equal(
    await page.locator(".tabs [aria-current=page]").innerText(),
    "Staff Login",
  );
  await logIn(page, "DoeJ");
  assert.equal(page.url(), portal.url("/staff/"));
  assert.match(await heading(page).innerText(), /^Welcome, /);
  await page.getByRole("link", { name: "Schedule", exact: true }).click();
  assert.equal(await heading(page).innerText(), "Schedule");
}

// Presses Tab until the element has the focus, and looks whether that shows.
async function tabTo(page, locator) {
  for (let steps = 0; steps < 20; steps += 1) {
    if (await locator.evaluate((e) => e === document.activeElement)) {
      const outline = await locator.evaluate((e) => {
        const style = getComputedStyle(e);
        return style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth);
      });
      assert(outline >= 2, `focus is visible on ${locator}`);
      return;
    }
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab does not lead to ${locator}`);
}

async function byKeyboard(page, portal) {
  await page.goto(portal.entry("Patient"));
  await box(page).waitFor();
  await page.locator("body").evaluate(() => document.activeElement.blur());
  await tabTo(page, page.getByRole("link", { name: "Skip to the content" }));
  await tabTo(page, page.getByRole("link", { name: "Staff Login" }));
  await page.keyboard.press("Enter");
  await page.waitForURL(/LoginType=Staff$/);
  await tabTo(page, page.getByLabel("User name"));
  await page.keyboard.type("DoeJ");
  await tabTo(page, page.getByLabel("Password", { exact: true }));
  await page.keyboard.type(PASSWORD);
  await tabTo(page, page.getByRole("button", { name: "Show password" }));
  await tabTo(page, box(page));
  await page.keyboard.press("Space");
  await page.locator("altcha-widget [data-state=verified]").waitFor();
  await tabTo(page, page.getByRole("button", { name: BUTTON }));
  await page.keyboard.press("Enter");
  await page.waitForURL(portal.url("/staff/"));
  await tabTo(page, page.getByRole("link", { name: "Messages", exact: true }));
  await page.keyboard.press("Enter");
  await page.waitForURL(portal.url("/staff/messages"));
}

async function wrongTab(page, portal) {
  await page.goto(portal.entry("Patient"));
  await logIn(page, "DoeJ");
  assert.match(await alertText(page), /This is a staff account/);
  await page.locator("#alert").getByRole("link").click();
  await page.waitForURL(/LoginType=Staff/);
  await logIn(page, "DoeJ");
  assert.equal(page.url(), portal.url("/staff/"));
}

async function wrongPassword(page, portal) {
  await page.goto(portal.entry("Staff"));
  await logIn(page, "DoeJ", "not the password");
  assert.match(await alertText(page), /Incorrect user name or password/i);
  assert.match(await page.title(), /^Error: /);
  assert.equal(await page.getByLabel("User name").inputValue(), "DoeJ");
  assert.equal(
    await page.getByLabel("Password", { exact: true }).inputValue(),
    "",
  );
  await logIn(page, "DoeJ");
  assert.equal(page.url(), portal.url("/staff/"));
}

async function forgottenBox(page, portal) {
  let posts = 0;
  page.on("request", (r) => (posts += r.method() === "POST" ? 1 : 0));
  await page.goto(portal.entry("Staff"));
  await fill(page, "DoeJ");
  await box(page).waitFor();
  await page.getByRole("button", { name: BUTTON }).click();
  const said = await box(page).evaluate((e) => e.validationMessage);
  const shown = page.locator("altcha-widget").getByText(/Tick the box/);
  assert(/Tick the box/.test(said) || (await shown.isVisible()), said);
  assert.equal(posts, 0, "nothing was sent");
  await logIn(page, "DoeJ");
  assert.equal(page.url(), portal.url("/staff/"));
}

async function boxDown(page, portal) {
  await page.route("**/captcha/challenge*", (route) =>
    route.fulfill({ status: 503, body: "" }));
  await page.goto(portal.entry("Staff"));
  await box(page).click();
  await page.getByText("The check did not work").first().waitFor();
  await page.unroute("**/captcha/challenge*");
  await page.reload();
  await logIn(page, "DoeJ");
  assert.equal(page.url(), portal.url("/staff/"));
}

async function boxNeverComes(page, portal) {
  await page.route("**/altcha.min.js", (route) => route.abort());
  await page.goto(portal.entry("Staff"));
  await page.locator(".late").waitFor({ state: "visible", timeout: 15000 });
}

// What is typed survives a form that is too old; the password never does.
async function staleForm(page, portal, context) {
  await page.goto(portal.entry("Staff"));
  await fill(page, "DoeJ");
  await solveBox(page);
  await context.clearCookies({ name: /visit/ });
  await page.getByRole("button", { name: BUTTON }).click();
  await page.locator("#alert").waitFor();
  assert.match(await alertText(page), /open too long/);
  assert.equal(await page.getByLabel("User name").inputValue(), "DoeJ");
  await logIn(page, "DoeJ");
  assert.equal(page.url(), portal.url("/staff/"));
}

async function withoutScript(page, portal) {
  await page.goto(portal.url("/"));
  await page.getByLabel("Clinic ID").fill("RIVERSIDE");
  await page.getByRole("button", { name: "Submit" }).click();
  await page.getByRole("link", { name: "Staff Login" }).click();
  const why = page.getByText(/that box needs JavaScript/);
  assert(await why.isVisible(), "says why there is no box");
  assert(await page.locator(".late").isHidden(), "and says it once");
  await page.getByRole("link", { name: "Help with logging in" }).click();
  assert.equal(await heading(page).innerText(), "Help");
}

async function atLakeview(page, portal) {
  await page.goto(portal.entry("Patient", "LAKEVIEW"));
  await logIn(page, "mlopez");
  assert.equal(page.url(), portal.url("/patient/"));
  assert.equal(await page.locator(".brand").innerText(), "Lakeview Counseling");
}

const CASES = [
  ["by mouse, from the clinic page", byMouse],
  ["by keyboard alone", byKeyboard],
  ["on the wrong tab, then across", wrongTab, REFUSED],
  ["wrong password, then the right one", wrongPassword, REFUSED],
  ["the box forgotten", forgottenBox],
  ["the box down", boxDown, { expected: /503|did not work|Server responded/ }],
  ["the box never comes", boxNeverComes, { expected: /altcha|ERR_FAILED/ }],
  ["a form that was open too long", staleForm, REFUSED],
  [
    "without JavaScript",
    withoutScript,
    // Chromium calls a script that is preloaded in vain a matter of policy.
    { javaScriptEnabled: false, expected: /altcha\.min\.js: csp$/ },
  ],
  ["a patient of another clinic", atLakeview],
];

await withPortal({ base: "/portal" }, async (portal, browser) => {
  for (const [name, body, options] of CASES) {
    await test(name, () =>
      onPage(browser, (page, context) => body(page, portal, context), options));
  }
});
await withPortal({ driver: "pgsql" }, async (portal, browser) => {
  await test("PostgreSQL: by mouse", () =>
    onPage(browser, (page) => byMouse(page, portal)));
  await test("PostgreSQL: a patient", () =>
    onPage(browser, (page) => signIn(page, portal, "mlopez", "Patient")));
});
done();
