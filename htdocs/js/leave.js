// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The mod_clinicportal authors
// Leaves a page whose session has ended. The server says why, and leads back
// here after signing in. What was typed is sent along: it keeps it until then.
export function leave() {
  const form = document.querySelector("form[data-draft]");

  if (form !== null && form.elements.text.value.trim() !== "") {
    form.submit();
  } else {
    location.reload();
  }
}
