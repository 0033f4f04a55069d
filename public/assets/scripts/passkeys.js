/**
 * Passkeys at the desk: whoever has one logs in, or proves that it is them, without typing; and makes
 * new ones. A form with `data-passkey` says what the browser is to sign or to make; what it did goes
 * into the form's field, and the form is sent as any other. Without this, or where a browser knows no
 * passkeys, the form is not shown and the password does.
 */

/** @typedef {Record<string, any>} Options as the server writes them: bytes are base64url */

if ("PublicKeyCredential" in globalThis) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    offer(/** @type {HTMLFormElement} */ (form));
  }
}

/** @param {HTMLFormElement} form */
function offer(form) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const line = form.querySelector("[role=alert]");
    if (line) {
      line.textContent = "";
    }
    try {
      const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("passkey"));
      field.value = JSON.stringify(await answer(JSON.parse(form.dataset.passkey ?? "")));
      // Not form.submit(): the button that was pressed says which deed it is.
      const deed = /** @type {HTMLButtonElement | null} */ (event.submitter);
      if (deed?.name) {
        const named = document.createElement("input");
        named.type = "hidden";
        named.name = deed.name;
        named.value = deed.value;
        form.append(named);
      }
      form.submit();
    } catch {
      // They called it off, or have none here.
      if (line) {
        line.textContent = form.dataset.failed ?? "";
      }
    }
  });
}

/**
 * What the browser has made or signed, as the server reads it.
 *
 * @param {{publicKey: Options}} asked
 */
async function answer({ publicKey }) {
  const decoded = { ...publicKey, challenge: bytes(publicKey.challenge) };
  if (publicKey.user) {
    const made = await navigator.credentials.create({
      publicKey: /** @type {any} */ ({
        ...decoded,
        user: { ...publicKey.user, id: bytes(publicKey.user.id) },
        excludeCredentials: (publicKey.excludeCredentials ?? []).map(withId),
      }),
    });
    return told(made, ["clientDataJSON", "attestationObject"]);
  }
  const signed = await navigator.credentials.get({ publicKey: /** @type {any} */ (decoded) });
  return told(signed, ["clientDataJSON", "authenticatorData", "signature", "userHandle"]);
}

/** @param {Options} credential */
function withId(credential) {
  return { ...credential, id: bytes(credential.id) };
}

/**
 * @param {any} credential of the browser
 * @param {string[]} names of what its answer holds
 */
function told(credential, names) {
  const parts = names
    .filter((name) => credential.response[name])
    .map((name) => [name, text(credential.response[name])]);
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: Object.fromEntries(parts),
    clientExtensionResults: {},
  };
}

/**
 * @param {string} base64url
 * @returns {Uint8Array}
 */
function bytes(base64url) {
  const base64 = base64url.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

/**
 * @param {ArrayBuffer} buffer
 * @returns {string} base64url
 */
function text(buffer) {
  const base64 = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
