"""A person at a browser: signs in, follows links, fills in forms, presses buttons, reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, FilePayload, Locator, Response, expect
from playwright.sync_api import TimeoutError as LateError

from tests.browser.looking import Looker
from tests.browser.site import WAIT_MS, Site
from tests.browser.words import say

PASSWORD = "quartieri-demo"
REFUSED = {401, 403, 404}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to hand in."""

    name: str
    media_type: str
    content: bytes

    @property
    def payload(self) -> FilePayload:
        """The file as the browser takes it."""
        return {"name": self.name, "mimeType": self.media_type, "buffer": self.content}


PDF = Upload(
    "documento.pdf",
    "application/pdf",
    b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
)


class Person:
    """Somebody with a browser of their own."""

    def __init__(
        self, site: Site, context: BrowserContext, looker: Looker, email: str = ""
    ) -> None:
        """Open the browser; nobody is signed in yet."""
        self.site, self.context, self.looker, self.email = site, context, looker, email
        looker.watch(context)
        self.page = context.new_page()
        self.page.set_default_timeout(WAIT_MS)

    # -- moving --------------------------------------------------------------------------------

    def open(self, path: str) -> Person:
        """Go to an address of the site."""
        answer = self.page.goto(path if path.startswith("http") else self.site.url + path)
        self._well(answer)
        return self

    def is_refused(self, address: str) -> bool:
        """Tell whether the site refuses a page to this person; a visitor is sent to sign in."""
        answer = self.context.request.get(
            address if address.startswith("http") else self.site.url + address
        )
        return answer.status in REFUSED or "/sign-in" in answer.url

    def follow(
        self, label: str, *, within: str = "main", exact: bool = False, **given: Any
    ) -> None:
        """Press a link, by its message."""
        link = self.page.locator(within).get_by_role("link", name=say(label, **given), exact=exact)
        self._go(link.first)

    def press(
        self,
        label: str,
        *,
        within: str = "main",
        status: int = 200,
        exact: bool = False,
        **given: Any,
    ) -> None:
        """Press a button, by its message, and wait for the page that comes."""
        button = self.page.locator(within).get_by_role(
            "button", name=say(label, **given), exact=exact
        )
        self._go(button.first, status)

    def go_to(self, what: Locator) -> None:
        """Press what leads to another page."""
        self._go(what.first)

    def activate(self, what: Locator) -> None:
        """Press what changes the page without leaving it."""
        what.first.click()

    def _go(self, what: Locator, status: int = 200) -> None:
        try:
            with self.page.expect_navigation() as coming:
                self._press(what)
        except LateError as late:
            message = f"{late}\n{self.page.url}\n{self.text()[:2000]}"
            raise AssertionError(message) from None
        self._well(coming.value, status)

    def _press(self, what: Locator) -> None:
        what.click()

    def _well(self, answer: Response | None, status: int = 200) -> None:
        if answer is None or answer.status == status:
            return
        said = [self.text("h1"), *self.page.locator(".alert, .q-error").all_inner_texts()]
        message = f"{answer.url}: {answer.status}, not {status}: {' · '.join(said)[:1500]}"
        raise AssertionError(message)

    def speak(self, language: str) -> None:
        """Choose a language in the header."""
        self._go(self.page.locator(f"header button[name=lang][value={language}]"))

    def unfold(self, label: str, **given: Any) -> None:
        """Open a part of the page that is folded."""
        summary = self._summary(label, **given)
        if not summary.evaluate("s => s.parentElement.open"):
            summary.click()

    def _summary(self, label: str, **given: Any) -> Locator:
        return self.page.locator("summary").filter(has_text=say(label, **given)).first

    # -- forms ---------------------------------------------------------------------------------

    def fill(self, values: dict[str, Any], within: str = "main") -> None:
        """Fill in fields by name: text, a choice, a tick (True), ticks (a list), an upload."""
        for name, value in values.items():
            fields = self.page.locator(f'{within} [name="{name}"]:not([type=hidden])')
            kind = fields.first.evaluate("f => f.type")
            if kind == "checkbox" and isinstance(value, list):
                for one in value:
                    self._set(fields.and_(self.page.locator(f'[value="{one}"]')), kind, True)
                continue
            self._set(fields if kind == "radio" else fields.first, kind, value)

    def _set(self, field: Locator, kind: str, value: Any) -> None:
        if kind == "select-one":
            field.select_option(str(value))
        elif kind == "radio":
            field.and_(self.page.locator(f'[value="{value}"]')).check()
        elif kind == "checkbox":
            field.set_checked(bool(value))
        elif kind == "file":
            field.set_input_files(value.payload)
        else:
            field.fill(str(value))

    def fill_act(
        self, number: str, decides: str = "", *, prefix: str = "", within: str = "main"
    ) -> None:
        """Fill in an act's fields, signed today."""
        today = self.site.clock.now().date().isoformat()
        self.fill(
            {
                f"{prefix}number": number,
                f"{prefix}dated": today,
                f"{prefix}office": "Area Economia di prossimità",
                f"{prefix}signer": "Dario Dirigente",
                f"{prefix}decides": decides or f"Atto {number}",
                f"{prefix}file": PDF,
            },
            within,
        )

    # -- reading -------------------------------------------------------------------------------

    def sees(self, text: str, **given: Any) -> None:
        """Expect a message or a text in the page's body."""
        expect(self.page.locator("body")).to_contain_text(say(text, **given), use_inner_text=True)

    def sees_not(self, text: str, **given: Any) -> None:
        """Expect that a message or a text is not in the page's body."""
        expect(self.page.locator("body")).not_to_contain_text(
            say(text, **given), use_inner_text=True
        )

    def text(self, selector: str = "main") -> str:
        """Give what a part of the page says, spaces made one."""
        return re.sub(r"\s+", " ", self.page.locator(selector).first.inner_text())

    def look(self, name: str, *, reload: bool = True) -> None:
        """Have the page that is open checked at both widths and in both languages."""
        self.looker.look(self.page, name, reload=reload)

    # -- the account ---------------------------------------------------------------------------

    def sign_in(self, email: str = "", password: str = PASSWORD) -> Person:
        """Sign in through the form."""
        self.email = email or self.email
        self.open("/")
        self.follow("Sign in", within="header")
        self.fill({"email": self.email, "password": password})
        self.press("Sign in")
        return self

    def sign_out(self) -> None:
        """Sign out through the menu."""
        self.press("Sign out", within="header")
        self.sees("You are signed out.")

    def register(self, name: str, email: str) -> None:
        """Make an account, and confirm the address by the letter's link."""
        self.email = email
        self.open("/sign-in")
        self.look("sign in")
        self.follow("Create one")
        self.look("register")
        self.fill({"name": name, "email": email, "password": PASSWORD})
        self.press("Create the account")
        self.sees("We have written to %(email)s. Open the letter and follow its link.", email=email)
        self.look("look at your mail")
        self.open(self.letter_link("/confirm/"))
        self.look("confirm the address")
        self.press("Confirm my address")
        self.sees("Your address is confirmed. Welcome!")
        self.look("account")

    # -- letters -------------------------------------------------------------------------------

    def letters(self) -> list[str]:
        """Give the texts of the letters to this person, the last one last."""
        self.site.work()
        return [f"{letter.subject}\n{letter.text}" for letter in self.site.outbox.to(self.email)]

    def letter_link(self, part: str) -> str:
        """Give the address in the last letter that leads to a page of this kind."""
        found = re.findall(
            rf"{re.escape(self.site.url)}\S*{re.escape(part)}\S*", self.letters()[-1]
        )
        return str(found[-1])
