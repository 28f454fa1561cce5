// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The mod_clinicportal authors
// Conveniences of forms with passwords and of the clinic page. All work without
// it, apart from the CAPTCHA box, which has a file of its own.

// How long a second press of the button is taken for impatience. Not for
// ever: an answer may never come, and then trying again is right.
const BUSY_MS = 10000;

// Copied user names and clinic IDs often bring a space along. Passwords are
// never touched.
function trimFields() {
  for (const field of document.querySelectorAll("[data-trim]")) {
    field.addEventListener("change", () => {
      field.value = field.value.trim();
    });
  }
}

function addShowButton(password) {
  const button = document.createElement("button");
  const show = (isShown) => {
    password.type = isShown ? "text" : "password";
    button.textContent = isShown ? "Hide" : "Show";
    button.setAttribute("aria-label", button.textContent + " password");
  };

  button.type = "button";
  button.setAttribute("aria-controls", password.id);
  button.addEventListener("click", () => {
    show(password.type === "password");
    password.focus();
  });
  // Browsers offer to save a password only from a field of that type.
  password.form.addEventListener("submit", () => show(false));
  show(false);
  password.after(button);
  password.parentElement.classList.add("has-button");
}

// Tells of a CAPTCHA box that never came until its script has put it there.
function expectBox(captcha) {
  const box = captcha.firstElementChild;
  const look = () => {
    captcha.querySelector(".late").hidden = box.childElementCount > 0;
  };

  new MutationObserver(look).observe(box, { childList: true });
  look();
}

// Our own box is a required field. Those of other providers are not, but each
// puts its answer into a field of this kind of name.
function boxIsDone(form) {
  const hint = document.getElementById("box-first");
  const isDone =
    hint === null ||
    [...form.elements].some((e) => /-response$/.test(e.name) && e.value !== "");

  if (hint !== null) {
    hint.hidden = isDone;
  }
  return isDone;
}

// Two quick presses would spend one CAPTCHA answer twice.
function guardSubmit(form) {
  const button = form.querySelector("[data-busy]");
  const label = button.textContent;
  let timer = 0;
  const free = () => {
    clearTimeout(timer);
    timer = 0;
    button.textContent = label;
    button.removeAttribute("aria-disabled");
  };

  form.addEventListener("submit", (event) => {
    if (timer !== 0 || !boxIsDone(form)) {
      event.preventDefault();
      return;
    }
    timer = setTimeout(free, BUSY_MS);
    button.textContent = button.dataset.busy;
    button.setAttribute("aria-disabled", "true");
  });
  // Back from the next page the browser may show this one as it was left.
  addEventListener("pageshow", free);
}

// The portal's own cookies cannot be read here, so a short-lived one is tried.
function cookiesWork() {
  const name = "clinicportal-check";

  document.cookie = `${name}=1; path=/; samesite=lax; max-age=60`;
  const isThere = document.cookie.includes(`${name}=1`);
  document.cookie = `${name}=; path=/; samesite=lax; max-age=0`;
  return isThere;
}

const login = document.getElementById("login");

trimFields();
document.querySelectorAll(".password input").forEach(addShowButton);
for (const button of document.querySelectorAll("[data-busy]")) {
  guardSubmit(button.form);
}
document.querySelectorAll(".captcha").forEach(expectBox);
if (login !== null) {
  document.getElementById("no-cookies").hidden = cookiesWork();
}
