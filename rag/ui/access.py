"""Who may come in: the file of accounts, the sessions of those who signed in, how often one may knock, and with what.

The file has a line per account, ``name:role:scrypt$n$r$p$salt$hash`` with salt and hash in base64. It is read again
when it changes, so a new password, a new role or a line taken out counts at once, for open sessions too.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from rag.errors import SettingsError
from rag.files import write_atomically

if TYPE_CHECKING:
    from fastapi import Request

Role = Literal["reader", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
SESSION_SECONDS = 12 * 3600  # a long working day, from the sign-in on
SHORTEST = 10  # characters of a password
_LONGEST = 1024
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}", re.ASCII)
_COST = (2**15, 8, 3)  # n, r, p as OWASP advises: 32 MB and about 0.2 s
_MOST_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sends a request: what is theirs, whether they may add and remove documents, and their name."""

    owner: str  # of conversations; an account's has a colon, which an anonymous session's never has
    may_edit: bool
    name: str = ""  # "" for one who need not sign in


@dataclass(frozen=True, slots=True)
class Account:
    """A line of the file."""

    name: str
    role: Role
    password: str = field(repr=False)  # scrypt$n$r$p$salt$hash

    @property
    def visitor(self) -> Visitor:
        """The account as the one who sends a request."""
        return Visitor(f"user:{self.name}", self.role == "admin", self.name)


def hashed(password: str, salt: bytes = b"", cost: tuple[int, int, int] = _COST) -> str:
    """A password as the file holds it; ``salt`` is new unless given."""
    n, r, p = cost
    salt = salt or secrets.token_bytes(16)
    plain = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    made = hashlib.scrypt(plain, salt=salt, n=n, r=r, p=p, maxmem=256 * n * r, dklen=32)
    return f"scrypt${n}${r}${p}${base64.b64encode(salt).decode()}${base64.b64encode(made).decode()}"


def matches(password: str, stored: str) -> bool:
    """Whether ``stored`` was made of this password; takes the same time whether or not."""
    _, n, r, p, salt, _ = stored.split("$")
    return hmac.compare_digest(hashed(password, base64.b64decode(salt), (int(n), int(r), int(p))), stored)


# Checked where there is no such name, so that it takes as long; no password is known to give 32 zero bytes.
_NOBODY = "$".join(["scrypt", *map(str, _COST), *(base64.b64encode(bytes(size)).decode() for size in (16, 32))])


class Accounts:
    """The accounts of a file. Raises SettingsError, at first and later, if it cannot be read or names nobody."""

    def __init__(self, path: Path) -> None:
        self._path, self._signature = path, (0, 0, 0)
        self._accounts: dict[str, Account] = {}
        self._read()

    def get(self, name: str) -> Account | None:
        """The account of this name, as the file has it now."""
        self._read()
        return self._accounts.get(name)

    def check(self, name: str, password: str) -> Account | None:
        """The account if the password is its own; takes about 0.2 s whether or not there is such a name."""
        account = self.get(name)
        stored = account.password if account else _NOBODY
        return account if matches(password[:_LONGEST], stored) and account else None

    def _read(self) -> None:
        fix = f"pullquote user NAME --role admin --auth-file {self._path}"
        try:
            found = self._path.stat()
            signature = (found.st_ino, found.st_mtime_ns, found.st_size)
            if signature == self._signature:
                return
            self._accounts = {account.name: account for account in _parsed(self._path)}
        except OSError as error:
            why = str(error.strerror)
            raise SettingsError(f"the file of accounts {self._path} cannot be read", why=why, fix=fix) from None
        if not self._accounts:
            raise SettingsError(f"the file of accounts {self._path} names nobody", fix=fix)
        self._signature = signature


def _parsed(path: Path) -> list[Account]:
    """The accounts of the file, in its order. Raises OSError, and SettingsError for a line that is none."""
    accounts = []
    for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
        if not line.strip():
            continue
        name, role, password = (line.strip().split(":") + ["", ""])[:3]
        if not _NAME.fullmatch(name) or role not in ROLES or not _is_hash(password):
            fix = f"take the line out and run: pullquote user NAME --auth-file {path}"
            raise SettingsError(f"line {number} of {path} is no account", why="it was changed by hand", fix=fix)
        accounts.append(Account(name, role, password))
    return accounts


def _is_hash(text: str) -> bool:
    parts = text.split("$")
    if len(parts) != 6 or parts[0] != "scrypt" or not all(part.isascii() and part.isdigit() for part in parts[1:4]):
        return False
    n, r, p = map(int, parts[1:4])
    try:
        decoded = [base64.b64decode(part, validate=True) for part in parts[4:]]
    except binascii.Error:
        return False
    return 2**10 <= n <= 2**20 and n & (n - 1) == 0 and 1 <= r <= 32 and 1 <= p <= 16 and all(decoded)


def save_account(path: Path, name: str, password: str, role: Role | None = None) -> tuple[Role, bool]:
    """Add an account to the file, or change it; readable by its owner only. Returns its role and whether it is new.

    Without a role an account keeps the one it has; a new one is a reader. Raises SettingsError for a name or a
    password that cannot be used, or a file that cannot be read or written.
    """
    if not _NAME.fullmatch(name):
        why = "a name has lower-case letters, digits and . _ @ -, 64 at most, and begins with a letter or digit"
        raise SettingsError(f"{name!r} cannot be the name of an account", why=why, fix="choose another name")
    if not SHORTEST <= len(password) <= _LONGEST:
        why = f"it has {len(password)} characters"
        raise SettingsError("the password cannot be used", why=why, fix=f"take {SHORTEST} to {_LONGEST} characters")
    try:
        accounts = {each.name: each for each in _parsed(path)} if path.exists() else {}
        before = accounts.get(name)
        account = Account(name, role or (before.role if before else "reader"), hashed(password))
        accounts[name] = account
        lines = "".join(f"{each.name}:{each.role}:{each.password}\n" for each in accounts.values())
        write_atomically(path, lines.encode(), mode=0o600)
    except OSError as error:
        why = str(error.strerror)
        raise SettingsError(f"{path} cannot be written", why=why, fix="choose another --auth-file") from None
    return account.role, before is None


class Sessions:
    """Who signed in, by random tokens of which only hashes are kept; in memory, so a restart signs everybody out."""

    def __init__(self, accounts: Accounts, clock: Callable[[], float] = time.monotonic) -> None:
        self._accounts, self._clock = accounts, clock
        self._open: dict[bytes, tuple[Account, float]] = {}

    def start(self, account: Account, before: str = "") -> str:
        """A new token for one who has just proved who they are; the token they had ``before`` ends."""
        self.end(before)
        now = self._clock()
        self._open = {key: each for key, each in self._open.items() if each[1] > now}
        token = secrets.token_urlsafe(32)
        self._open[_digest(token)] = (account, now + SESSION_SECONDS)
        return token

    def get(self, token: str) -> Account | None:
        """Whose token it is: nobody's once it has expired or the account was changed or taken out."""
        account, until = self._open.get(_digest(token), (None, 0.0))
        if account is None or until <= self._clock() or self._accounts.get(account.name) != account:
            self.end(token)
            return None
        return account

    def end(self, token: str) -> None:
        """Sign out."""
        self._open.pop(_digest(token), None)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


class Limit:
    """A token bucket for each key: ``burst`` at once, then one every ``seconds``."""

    def __init__(self, burst: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst, self._seconds, self._clock = burst, seconds, clock
        self._full: dict[str, float] = {}  # when the key's bucket will be full again

    def take(self, key: str) -> float:
        """0 if one more is allowed, which then counts; otherwise the seconds until it will be."""
        now = self._clock()
        full = max(self._full.get(key, 0.0), now) + self._seconds
        if full - now > self._burst * self._seconds:
            return full - now - self._burst * self._seconds
        self._full.pop(key, None)
        if len(self._full) >= _MOST_KEYS:  # the key that has not knocked for longest is forgotten
            self._full.pop(next(iter(self._full)))
        self._full[key] = full
        return 0.0

    def give_back(self, key: str) -> None:
        """What was taken last does not count after all."""
        if key in self._full:
            self._full[key] -= self._seconds


class TabOwners:
    """To whom a browser's tab (Gradio's ``session_hash``) or running upload belongs: to the visitor who used it first.

    Gradio calls it before each of its endpoints; without it, who knows another's tab could listen to its answers, and
    who names a file of this machine or an address, in whatever field, would make Gradio copy or fetch it.
    """

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}

    async def __call__(self, request: Request) -> str:
        """The visitor's owner name. Raises HTTPException (403) if the tab is another's or a file was not uploaded."""
        from fastapi import HTTPException

        owner: str = request.user.owner
        named = [request.query_params.get(name) for name in ("session_hash", "upload_id")]
        named.append(request.path_params.get("session_hash"))
        if request.method == "POST" and not request.scope["path"].endswith("/upload"):
            try:
                body = await request.json()
            except ValueError:
                raise HTTPException(400, "That is no JSON.") from None
            if not all(map(_is_uploaded, _files_in(body))):
                raise HTTPException(403, "That file was not uploaded here.")
            named.append(str(body.get("session_hash") or "") if isinstance(body, dict) else "")
        for tab in filter(None, named):
            first = self._owners.pop(tab, owner)
            if len(self._owners) >= _MOST_KEYS:  # Gradio forgets what a tab looked at after as many others
                self._owners.pop(next(iter(self._owners)))
            self._owners[tab] = first
            if first != owner:
                raise HTTPException(403, "This tab belongs to somebody else.")
        return owner


def _files_in(body: object) -> Iterator[object]:
    """All that a request names as a file, wherever it stands in it."""
    waiting = [body]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if "path" in each:
                yield each["path"]
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def _is_uploaded(path: object) -> bool:
    """Whether it lies, all links followed, where Gradio keeps what was sent to it; an address does not."""
    from gradio.utils import get_upload_folder

    try:
        kept = Path(get_upload_folder()).resolve()
        return isinstance(path, str) and "://" not in path and Path(path).resolve().is_relative_to(kept)
    except (OSError, RuntimeError, ValueError):  # no name of a file at all
        return False
