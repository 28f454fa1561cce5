// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The mod_clinicportal authors
// Every page, in both themes and at three widths: no violation that axe-core
// knows, none of the policy, nothing on the console, nothing to scroll
// sideways, nothing too small to press, no line that begins with a dot.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { logIn, PASSWORD, signIn, testPortal, watch } from "../lib/portal.mjs";
import { test } from "../lib/tap.mjs";

const AXE = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);
const WIDTHS = [320, 390, 1280];
const SMALLEST_PX = 44;

const first = (selector) => async (page) => {
  await page.locator(selector).first().click();
  await page.waitForLoadState();
};

// name, path, what the page then says, and what to do there; paths of nobody's,
// staff's, patient's.
const OUTSIDE = [
  ["clinic", "/", /Clinic ID/],
  ["clinic unknown", "/index.aspx?clinicID=NOWHERE", /No clinic has this/],
  ["login", "/index.aspx?clinicID=RIVERSIDE&LoginType=Patient", /Patient Login/],
  [
    "login refused",
    "/index.aspx?clinicID=RIVERSIDE&LoginType=Staff",
    /Incorrect/,
    (page) => logIn(page, "DoeJ", "wrong"),
  ],
  ["login, signed out", "/staff/messages", /signed in|Log In/],
  ["forgot", "/forgot?clinicID=RIVERSIDE&LoginType=Staff", /Forgot your password/],
  ["reset, dead link", "/reset?clinicID=RIVERSIDE&token=x", /not good any more/],
  ["help", "/help", /How to log in/],
  ["error 404", "/nothing", /Page not found/],
  ["error 400", "/index.aspx?clinicID=%00", /That address did not work/],
];
const INSIDE = [
  ["home", "/", /Welcome, /],
  ["schedule, day", "/schedule", /Schedule/],
  ["schedule, week", "/schedule?view=week", /Schedule/],
  ["schedule, empty", "/schedule?date=2031-01-04", /No appointments this day/],
  ["documents", "/documents", /Documents/],
  ["document", "/documents", /All documents/, first(".items a")],
  ["messages", "/messages", /Messages/],
  ["conversation", "/messages", /All messages/, first(".items a")],
  ["account", "/account", /Your account/],
  ["password", "/account/password", /Change your password/],
  ["second factor", "/account/factor", /Second factor/],
  ["mail address", "/account/mail", /Your mail address/],
  ["error 404", "/nothing", /Page not found/],
];
// Between the steps of a sign-in, with what the clinic then asks.
const LOGIN = "/index.aspx?clinicID=RIVERSIDE&LoginType=";
const LAKEVIEW = "/index.aspx?clinicID=LAKEVIEW&LoginType=Staff";
const press = async (page, name) => {
  await page.getByRole("button", { name }).click();
  await page.waitForLoadState();
};
const STEPS = [
  ["new password", LAKEVIEW, /Change your password/, (page) => logIn(page, "PatelR")],
  [
    "new password refused",
    LAKEVIEW,
    /Nothing was changed/,
    async (page) => {
      await logIn(page, "PatelR");
      await page.getByLabel("Present password").fill("wrong");
      await page.getByLabel("New password").fill("short");
      await press(page, "Change my password");
    },
  ],
  [
    "second factor to choose",
    `${LOGIN}Staff`,
    /choose one to go on/,
    (page) => logIn(page, "SmithA"),
  ],
  [
    "authenticator",
    `${LOGIN}Staff`,
    /Set up your authenticator/,
    async (page) => {
      await logIn(page, "SmithA");
      await press(page, "Set up an authenticator");
    },
  ],
  ["code", `${LOGIN}Patient`, /Enter your code/, (page) => logIn(page, "tnguyen")],
  [
    "code refused",
    `${LOGIN}Patient`,
    /not right/,
    async (page) => {
      await logIn(page, "tnguyen");
      await page.getByLabel("Code").fill("1");
      await press(page, "Go on");
    },
  ],
];
// In guarded places beside the portal.
const GUARDED = [
  ["not allowed", "/closed/", /Not for this account/],
  ["password once more", "/fresh/", /just given the password/],
  ["a factor to set up first", "/coded/", /you have none yet/],
  [
    "form to be sent on",
    "/fresh/",
    /Send your form now/,
    (page) =>
      Promise.all([
        page.waitForURL(/confirm/),
        page.evaluate(() => {
          const form = document.createElement("form");
          form.method = "post";
          form.action = "/fresh/save";
          document.body.append(form);
          form.submit();
        }),
      ])
        .then(() => page.getByLabel("Your password").fill(PASSWORD))
        .then(() => press(page, "Go on")),
  ],
  ["form sent already", "/app/?clinicportal-resume=AAAAAAAAAAAAAAAAAAAAAA", /Already sent/],
];
const EMPTY = [
  ["home, empty", "/", /No unread messages/],
  ["documents, empty", "/documents", /No documents yet/],
  ["messages, empty", "/messages", /No messages yet/],
];

async function axe(page) {
  // Through the debugger, which the policy of the page does not concern.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: {
        type: "tag",
        values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa",
          "best-practice"],
      },
    }));
  return violations.map((v) =>
    `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`)}`);
}

// Links within a sentence are as high as its lines; all else that can be
// pressed is at least this high. Returns what is not.
function tooSmall(page) {
  return page.evaluate((least) => {
    const isInline = (e) =>
      e.matches("p a, li a, dd a") &&
      getComputedStyle(e).display === "inline" &&
      e.parentElement.innerText.trim() !== e.innerText.trim();
    // A box has a label beside or around it, which can be pressed as well.
    const area = (e) =>
      (e.type === "checkbox" ? e.closest("altcha-widget, .check") : e)
        .getBoundingClientRect();
    return [...document.querySelectorAll("a, button, input, select")]
      .filter((e) => e.checkVisibility() && e.type !== "hidden")
      .filter((e) => !e.matches(".skip") && !isInline(e))
      .filter((e) => area(e).height < least - 0.5)
      .map((e) => `${e.outerHTML.slice(0, 80)}: ${area(e).height}`);
  }, SMALLEST_PX);
}

// Of what is parted by dots: texts that begin a line, and not at its edge.
function displaced(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll(".meta span")].filter((span) => {
      const text = document.createRange();
      text.selectNodeContents(span);
      const [first] = text.getClientRects();
      const edge = span.parentElement.getBoundingClientRect().left;
      const before = span.previousElementSibling?.getClientRects();
      return before && [...before].at(-1).bottom <= first.top &&
        first.left > edge + 1;
    }).map((span) => span.parentElement.innerText));
}

async function look(page, size) {
  await page.setViewportSize({ width: size, height: 800 });
  const content = await page.evaluate(
    () => document.documentElement.scrollWidth,
  );
  assert(content <= size, `${content} px wide in ${size}`);
  assert.deepEqual(await tooSmall(page), [], `at ${size} px`);
  assert.deepEqual(await displaced(page), [], `at ${size} px`);
}

async function check(page, portal, [, path, says, act]) {
  const complaints = watch(page, /status of 40[034]/);
  await page.goto(portal.url(path));
  await act?.(page);
  assert.match(await page.locator("main").innerText(), says);
  if (await page.locator("altcha-widget").count()) {
    await page.getByRole("checkbox").waitFor();
  }
  for (const size of WIDTHS) {
    await look(page, size);
  }
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await axe(page), [], colorScheme);
  }
  assert.deepEqual(complaints, []);
}

async function printing(context, portal) {
  const page = await context.newPage();
  await page.goto(portal.url("/staff/schedule?view=week"));
  await page.emulateMedia({ media: "print" });
  for (const hidden of [".top", ".tabs", ".steps", ".go", ".foot"]) {
    assert(await page.locator(hidden).first().isHidden(), `${hidden} is not printed`);
  }
  assert(await page.locator(".for-print").isVisible(), "whose it is");
  assert(await page.locator(".appointments").first().isVisible());
}

async function checkAll(context, portal, who, pages, prefix = "") {
  for (const [name, path, says, act] of pages) {
    await test(`${who}: ${name}`, async () => {
      const page = await context.newPage();
      try {
        await check(page, portal, [name, prefix + path, says, act]);
      } finally {
        await page.close();
      }
    });
  }
}

// A signed-in context to look around in.
async function inside(browser, portal, username, kind) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await signIn(page, portal, username, kind);
  await page.close();
  return context;
}

// Each on its own, for a sign-in belongs to a browser.
async function checkSteps(browser, portal) {
  await portal.ctl("clinic", "set", "RIVERSIDE", "--second-factor", "per-user");
  await portal.ctl("factor", "require", "RIVERSIDE", "staff", "SmithA");
  await portal.sql(
    "UPDATE account SET factor_method = 'mail' WHERE username = 'tnguyen'",
  );
  await portal.sql(
    "UPDATE account SET password_must_change = 1 WHERE username = 'PatelR'",
  );
  for (const [name, path, says, act] of STEPS) {
    const context = await browser.newContext();
    await checkAll(context, portal, "step", [[name, path, says, act]]);
    await context.close();
  }
}

await testPortal({ mail: true, app: true }, async (portal, browser) => {
  const staff = await inside(browser, portal, "DoeJ", "Staff");
  const patient = await inside(browser, portal, "mlopez", "Patient");

  await checkAll(await browser.newContext(), portal, "outside", OUTSIDE);
  await checkAll(staff, portal, "staff", INSIDE, "/staff");
  await checkAll(patient, portal, "patient", INSIDE, "/patient");
  await checkSteps(browser, portal);
  await checkAll(staff, portal, "staff", [
    ["second factor", "/account/factor", /Besides your password/],
  ], "/staff");
  await portal.sql("UPDATE session SET authenticated_at = 1");
  await checkAll(staff, portal, "guarded", GUARDED);
  await test("the schedule in print", () => printing(staff, portal));
  for (const table of ["mailbox", "document_seen", "document"]) {
    await portal.sql(`DELETE FROM ${table}`);
  }
  await checkAll(staff, portal, "staff", EMPTY, "/staff");
  await checkAll(patient, portal, "patient", EMPTY, "/patient");
  await portal.order({ claim: ["authz_core:error"] });
});
