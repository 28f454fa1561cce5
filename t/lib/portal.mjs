// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The mod_clinicportal authors
// A live portal and a real browser for one test file.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { done, test } from "./tap.mjs";

export const PASSWORD = "demo-portal-passphrase";
export const BUTTON = "Log In to My Account";
const BROWSER = process.env.CP_CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];
const COST = "ClinicPortalCaptchaCost 1000 200 400\n";

class Portal {
  constructor(options) {
    this.child = spawn(
      "perl",
      ["-It/lib", "t/lib/serve.pl", JSON.stringify(options)],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    this.exit = new Promise((resolve) => this.child.on("exit", resolve));
    this.lines = createInterface({ input: this.child.stdout })[
      Symbol.asyncIterator
    ]();
  }

  async read() {
    const { value, done: isOver } = await this.lines.next();
    assert(!isOver, "the portal's keeper has ended");
    return JSON.parse(value);
  }

  async order(what) {
    this.child.stdin.write(`${JSON.stringify(what)}\n`);
    return this.read();
  }

  async sql(...statement) {
    return (await this.order({ sql: statement })).rows;
  }

  ctl(...words) {
    return this.order({ ctl: words });
  }

  // The next mail that the portal has sent: to, text, link.
  nextMail() {
    return this.order({ mail: 1 });
  }

  url(path) {
    return this.origin + this.base + path;
  }

  entry(kind, clinic = "RIVERSIDE") {
    return this.url(`/index.aspx?clinicID=${clinic}&LoginType=${kind}`);
  }

  // True if httpd stopped in peace and logged nothing unexpected.
  async stop() {
    this.child.stdin.end();
    return (await this.exit) === 0;
  }
}

async function startPortal({ conf = "", ...options } = {}) {
  const portal = new Portal({ ...options, conf: COST + conf });
  return Object.assign(portal, await portal.read());
}

// Runs tests(portal, browser), then stops both and judges the error log.
export async function withPortal(options, tests) {
  const asRoot = process.getuid() === 0 ? ["--no-sandbox"] : [];
  const portal = await startPortal(options);
  const browser = await chromium.launch({
    executablePath: BROWSER,
    args: [...FLAGS, ...asRoot],
  });
  try {
    await tests(portal, browser);
  } finally {
    await browser.close();
    await test("httpd stopped in peace, its log holds nothing unexpected", async () =>
      assert(await portal.stop()));
  }
}

// withPortal, as a whole test file.
export async function testPortal(options, tests) {
  await withPortal(options, tests);
  done();
}

// Everything the page complains of, violations of the policy included.
// What a test provokes itself it names by a pattern.
export function watch(page, expected = /^$/) {
  const complaints = [];
  const note = (text) => {
    if (!expected.test(text)) {
      complaints.push(`${page.url()}: ${text}`);
    }
  };
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      note(message.text());
    }
  });
  page.on("pageerror", (error) => note(String(error)));
  page.on("requestfailed", (request) => {
    const why = request.failure().errorText;
    if (why !== "net::ERR_ABORTED") {
      note(`${request.url()}: ${why}`);
    }
  });
  return complaints;
}

export const box = (page) => page.getByRole("checkbox");

export async function solveBox(page) {
  await box(page).click();
  await page.locator("altcha-widget [data-state=verified]").waitFor();
}

export async function fill(page, username, password = PASSWORD) {
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(password);
}

// By mouse, from the login page that is open, to whatever comes of it.
export async function logIn(page, username, password) {
  await fill(page, username, password);
  await solveBox(page);
  await Promise.all([
    page.waitForNavigation(),
    page.getByRole("button", { name: BUTTON }).click(),
  ]);
}

export async function signIn(page, portal, username, kind = "Staff") {
  await page.goto(portal.entry(kind));
  await logIn(page, username);
  assert.equal(
    page.url(),
    portal.url(`/${kind.toLowerCase()}/`),
    "signed in",
  );
}

// A context of its own with the cookies of a signed-in one.
export async function signedInContext(browser, from, options = {}) {
  const storageState = await from.storageState();
  return browser.newContext({ ...options, storageState });
}

export async function alertText(page) {
  return (await page.locator("#alert").innerText()).replace(/\s+/g, " ");
}
