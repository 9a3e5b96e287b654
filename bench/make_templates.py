#!/usr/bin/python3
"""Derives Jinja2 templates from a tree that putlive-gen rendered, so that other tools can be measured at the same job.

    make_templates.py CONFIG SCHEMA TREE TEMPLATES

In each file of TREE, the values of CONFIG, and the defaults of SCHEMA where CONFIG is silent, become expressions over the
loaded YAML: rendering them gives the same bytes again. A file is a template for Jinja2 exactly where it is one for
putlive-gen; the others are left to be copied. TEMPLATES/artifacts.json lists them all with their modes.
"""

import json
import re
import shutil
import sys
from pathlib import Path

import yaml

PACKAGE = Path(__file__).resolve().parent.parent
# What Jinja2 would take for its own.
MARKERS = ["{{", "}}", "{%", "%}", "{#", "#}"]


def scalars(node, expression=""):
    """Every scalar of the config with the Jinja2 expression that gives it."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from scalars(value, f"{expression}.{key}" if expression else key)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from scalars(value, f"{expression}[{index}]")
    else:
        yield node, expression


def defaults(schema, config, path=()):
    """Every default that the config doesn't override, with an expression that gives it."""
    for key, value in schema.get("properties", {}).items():
        inner = config.get(key) if isinstance(config, dict) else None
        if "properties" in value:
            yield from defaults(value, inner, (*path, key))
        elif "default" in value and inner is None:
            parent = ""
            for part in path:
                parent = f"({parent}.{part} | default({{}}))" if parent else f"({part} | default({{}}))"
            name = f"{parent}.{key}" if parent else key
            yield value["default"], f"{name} | default({json.dumps(value['default'])})"


def is_distinct(value):
    """Whether a value is long enough that finding it in a text means something."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return value >= 1000
    return isinstance(value, str) and len(value) >= 3 and any(c.isdigit() or c in "./@" for c in value)


def templater(config, schema):
    """A function that makes a template of a text, and the number of expressions in it."""
    expressions = {}
    for value, expression in [*scalars(config), *defaults(schema, config)]:
        if is_distinct(value):
            expressions.setdefault(str(value), "{{ " + expression + " }}")
    literals = {marker: '{{ "' + marker + '" }}' for marker in MARKERS}
    values = "|".join(re.escape(text) for text in sorted(expressions, key=len, reverse=True))
    markers = "|".join(re.escape(marker) for marker in MARKERS)
    pattern = re.compile(rf"{markers}|(?<![\w./-])(?:{values})(?![\w/-])")

    def make(text):
        return pattern.subn(lambda match: expressions.get(match[0]) or literals[match[0]], text)

    return make


def main():
    config_file, schema_file, tree, output = map(Path, sys.argv[1:5])
    config = yaml.safe_load(config_file.read_text())
    make = templater(config, json.loads(schema_file.read_text()))
    shutil.rmtree(output, ignore_errors=True)
    artifacts = []
    expressions = 0
    for entry in json.loads((tree / "manifest.json").read_text())["artifacts"]:
        path = entry["path"]
        is_template = not (PACKAGE / f"templates{path}").exists()
        text = (tree / path[1:]).read_text()
        count = 0
        if is_template:
            text, count = make(text)
        expressions += count
        file = output / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        artifacts.append({"path": path[1:], "mode": entry["mode"], "template": is_template})
    (output / "artifacts.json").write_text(json.dumps(artifacts, indent=1))
    count = sum(artifact["template"] for artifact in artifacts)
    print(f"{len(artifacts)} artifacts: {count} Jinja2 templates with {expressions} expressions, the rest are copied")


main()
