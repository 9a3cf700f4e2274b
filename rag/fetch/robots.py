"""robots.txt as RFC 9309 has it: the longest rule wins, ``*`` and a final ``$`` are wildcards.

The parser of the standard library is not used: it takes the first rule that fits and reads wildcards as letters, so it
allows what many sites disallow.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

AGENT: Final = "Pullquote"
MAX_DELAY: Final = 60.0  # seconds between requests that a site may ask for


class Robots:
    """What one site lets us read.

    >>> rules = Robots("User-agent: *\\nDisallow: /private\\nAllow: /private/*.html$\\nCrawl-delay: 2")
    >>> rules.allows("/private/a.pdf"), rules.allows("/private/a.html"), rules.delay
    (False, True, 2.0)
    """

    def __init__(self, text: str) -> None:
        groups = _groups(text)
        lines = groups.get(AGENT.lower(), groups.get("*", []))
        self._rules = [(value, key == "allow") for key, value in lines if key != "crawl-delay" and value]
        asked = [float(value) for key, value in lines if key == "crawl-delay" and re.fullmatch(r"\d{1,6}\.?\d*", value)]
        self.delay = min(max(asked, default=0.0), MAX_DELAY)

    def allows(self, path: str) -> bool:
        """Whether a path with its query may be fetched. The longest rule decides, of equals the one that allows."""
        fitting = [(len(pattern), allowed) for pattern, allowed in self._rules if _fits(pattern, unquote(path))]
        return max(fitting, default=(0, True))[1]


def _groups(text: str) -> dict[str, list[tuple[str, str]]]:
    """The rules of each agent (lower case); groups that name the same agent are one."""
    groups: dict[str, list[tuple[str, str]]] = {}
    agents: list[str] = []
    open_group = False
    for line in text.splitlines():
        key, _, value = (part.strip() for part in line.partition("#")[0].partition(":"))
        if (key := key.lower()) == "user-agent":
            agent = re.sub(r"[^a-z_*-].*", "", value.lower())  # "Name/1.0" is Name
            agents = [*agents, agent] if open_group else [agent]
            groups.setdefault(agent, [])
            open_group = True
        elif key in ("allow", "disallow", "crawl-delay"):
            open_group = False
            for agent in agents:
                groups[agent].append((key, value))
    return groups


def _fits(pattern: str, path: str) -> bool:
    """Whether a rule fits the beginning of a path. Linear in both, whatever the site writes.

    subtle: a mark at the end of the path makes a final ``$`` an ordinary letter.
    """
    if pattern.endswith("$"):
        pattern = pattern[:-1] + "\0"
    path += "\0"
    first, *others = (unquote(part) for part in pattern.split("*"))
    position = len(first) if path.startswith(first) else -1
    for part in others:
        if position < 0 or (found := path.find(part, position)) < 0:
            return False
        position = found + len(part)
    return position >= 0
