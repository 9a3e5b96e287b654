#!/usr/bin/python3
"""What a Jinja2 script does for the same job: jinja_render.py CONFIG TEMPLATES OUTPUT [BYTECODE_CACHE]

It loads config.yaml, renders every artifact and writes the tree with modes and a manifest. Nothing is checked. With a
BYTECODE_CACHE it is tuned: templates are compiled beforehand, and libyaml reads the config.
"""

import hashlib
import json
import os
import sys

import jinja2
import yaml


def main():
    config_file, templates, output = sys.argv[1:4]
    is_tuned = len(sys.argv) > 4
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader) if is_tuned else yaml.SafeLoader
    with open(config_file, "rb") as file:
        config = yaml.load(file, loader)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        bytecode_cache=jinja2.FileSystemBytecodeCache(sys.argv[4]) if is_tuned else None,
    )
    with open(os.path.join(templates, "artifacts.json"), encoding="utf-8") as file:
        artifacts = json.load(file)
    for artifact in artifacts:
        path = artifact["path"]
        if artifact["template"]:
            content = environment.get_template(path).render(config).encode()
        else:
            with open(os.path.join(templates, path), "rb") as file:
                content = file.read()
        target = os.path.join(output, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(content)
        os.chmod(target, int(artifact["mode"], 8))
        artifact["sha256"] = hashlib.sha256(content).hexdigest()
    with open(os.path.join(output, "manifest.json"), "w", encoding="utf-8") as file:
        json.dump(artifacts, file, indent=2)


main()
