"""Forms of accounts and roles."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Email, EqualTo, Length

from quartieri.audit.rules import GIVEN_ROLES
from quartieri.kit.fields import Form, Needed, RomeInstantField
from quartieri.people.passwords import LONGEST, SHORTEST

LANGUAGES = [SelectChoice("it", "Italiano"), SelectChoice("en", "English")]


class SignInForm(Form):
    """Address and password."""

    email = EmailField(_l("Email address"), [Needed(), Length(max=254)])
    password = PasswordField(_l("Password"), [Needed(), Length(max=LONGEST)])
    remember = BooleanField(_l("Keep me signed in on this device"))


class RegisterForm(Form):
    """A new account."""

    name = StringField(_l("Name and surname"), [Needed(), Length(max=200)])
    email = EmailField(_l("Email address"), [Needed(), Length(max=254), Email()])
    password = PasswordField(
        _l("Password"),
        [Needed(), Length(min=SHORTEST, max=LONGEST)],
        description=_l("At least 10 characters: three or four words that only you would join."),
    )


class AddressForm(Form):
    """Only an address: to get a link."""

    email = EmailField(_l("Email address"), [Needed(), Length(max=254), Email()])


class NewPasswordForm(Form):
    """A new password, twice."""

    password = PasswordField(_l("New password"), [Needed(), Length(min=SHORTEST, max=LONGEST)])
    again = PasswordField(
        _l("The same once more"),
        [Needed(), EqualTo("password", _l("The two passwords are not the same."))],
    )


class ProfileForm(Form):
    """What an account can change of itself."""

    name = StringField(_l("Name and surname"), [Needed(), Length(max=200)])
    language = SelectField(_l("Language of the letters"), choices=LANGUAGES)


class RoleForm(Form):
    """A role for an account; the choices of scope are handed in."""

    role = SelectField(_l("Role"))
    scope = SelectField(_l("Where"))
    until = RomeInstantField(_l("Until (empty: until it is ended)"), [])

    def offer(self, scopes: list[tuple[str, str]]) -> None:
        """Fill in the choices."""
        self.role.choices = [(r.value, gettext(r.label)) for r in GIVEN_ROLES]
        self.scope.choices = scopes
