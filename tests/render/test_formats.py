"""Every rendered file is what its name says."""

import pytest

from kit.formats import problem
from kit.renderings import each_combination, files, repeat
from kit.report import fail

BROKEN = [
    ("a.yml", b"a: [1\n"),
    ("a.yml", b"a: 1\na: 2\n"),
    ("a.yaml", b"a: 012\n"),
    ("a.yaml", b"a: yes\n"),
    ("a.yaml", b"a: !If [b, 0o12]\n"),
    ("a.yaml", b"at: 12:30:45\n"),
    ("a.json", b'{"a": 1,}\n'),
    ("a.json", b'{"a": 1, "a": 2}\n'),
    ("a.toml", b"a = \n"),
    ("a.xml", b"<a><b></a>\n"),
    ("a.properties", b"name\n"),
    ("run", b"#!/bin/sh\nif true; then\n"),
    ("run", b"#!/usr/bin/env bash\nif true; then\n"),
    ("run", b"#!/usr/bin/perl\n"),
    ("go.mod", b"module example.com/a\nrequire\n"),
    ("go.mod", b"go 1.27.0\n"),
    ("go.sum", b"example.com/a v1.0.0 h1:short=\n"),
    ("Makefile", b".PHONY: help\nhelp:\n    echo\n"),
    ("Makefile", b".PHONY: help\nother:\n\techo\n"),
    ("Makefile", b".PHONY: help\nhelp:\n\techo $(NOBODY_SET_IT)\n"),
    ("Dockerfile", b"FORM node\n"),
    ("Procfile", b"web\n"),
    (".env.example", b"export A=1\n"),
    (".editorconfig", b"[*\nindent_size 2\n"),
    ("a.unknown", b"a\n"),
]
SOUND = [
    ("a.yml", b"on: push\nname: 'yes'\n"),
    ("a.yml", b"a: &a {b: 1}\nc:\n  <<: *a\n"),
    ("a.yml", b"a: !Sub 'x'\nb: !Join ['', [!Ref y, z]]\nc: !If {d: 1}\n"),
    ("Dockerfile", b"FROM node:latest\nRUN cd / && sudo ls\n"),
    ("Makefile", b".PHONY: help\nhelp:\n\t@rm -rf /nonexistent\n"),
    ("src/a.ts", b"let\n"),
]


@each_combination
def test_every_file_parses_in_its_format(name: str) -> None:
    for path, entry in files(name).items():
        if found := problem(path, entry.content):
            fail(name, path, "a file of this format", found, repeat(name))


@pytest.mark.parametrize(("path", "content"), BROKEN)
def test_a_broken_file_is_found(path: str, content: bytes) -> None:
    assert problem(path, content) is not None


@pytest.mark.parametrize(("path", "content"), SOUND)
def test_a_sound_file_is_not(path: str, content: bytes) -> None:
    assert problem(path, content) is None
