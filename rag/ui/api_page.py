"""The JSON endpoints on one page, drawn from the OpenAPI description: no script, nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rag.ui.markup import escape
from rag.ui.source import page


def api_page(description: Mapping[str, Any]) -> str:
    """``description`` is the OpenAPI document as a mapping; returns a whole HTML page."""
    schemas = description.get("components", {}).get("schemas", {})
    parts = [
        _endpoint(method, path, details, schemas)
        for path, methods in description["paths"].items()
        for method, details in methods.items()
    ]
    head = (
        '<header><p class="kicker">Pullquote</p><h1>JSON endpoints</h1><p class="byline">The description for '
        'machines is at <a href="/api/openapi.json">/api/openapi.json</a>.</p><p class="byline">Where people sign in, '
        "send name and password with each request (HTTP Basic: <code>curl -u NAME</code>), to <code>/mcp</code> as "
        "well. Elsewhere the session cookie says who you are: send back what you were given to continue a "
        'conversation.</p><p class="byline">An error is <code>detail</code>: a sentence, or what happened, '
        "why and what fixes it, or a list of the fields that are missing or wrong; after status 429 wait for the "
        "seconds in <code>Retry-After</code>.</p></header>"
    )
    main = f'<main>{head}<article class="text">{"".join(parts)}</article></main>'
    return page("JSON endpoints", f'<div class="leaf">{main}</div>')


def _endpoint(method: str, path: str, details: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    rows = [
        (each["name"], each.get("description") or each["schema"].get("description", ""), each.get("required", False))
        for each in details.get("parameters", [])
    ]
    body = details.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    schema = schemas.get(body.get("$ref", "").rsplit("/", 1)[-1], {})
    for name, field in schema.get("properties", {}).items():
        rows.append((name, field.get("description", ""), name in schema.get("required", [])))
    items = "".join(
        f"<dt><code>{escape(name)}</code>{' (required)' if needed else ''}</dt><dd>{escape(text)}</dd>"
        for name, text, needed in rows
    )
    fields = f"<dl>{items}</dl>" if items else ""
    return (
        f"<h2><code>{escape(method.upper())} {escape(path)}</code></h2><p>{escape(details['description'])}</p>{fields}"
    )
