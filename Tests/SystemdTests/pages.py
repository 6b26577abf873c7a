"""Finds the commands that the project's pages show and that want root and systemd, by the rules of Documents.swift in
EndToEndTests, where a test compares what the two find. Run by itself it prints them."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = {"systemctl", "journalctl", "sqlite3", "curl", "install", "useradd", "usermod"}
SHOWN = PROGRAMS | {"sudo"}


def pages():
    """The pages and configurations that people copy commands from, found as they are."""
    below = [path for folder in ("docs", "config") for path in (ROOT / folder).rglob("*")]
    for path in sorted([*ROOT.iterdir(), *below]):
        name = str(path.relative_to(ROOT))
        if name != "CHANGELOG.md" and (name.endswith(".md") or (name.startswith("config/") and name.endswith(".yaml"))):
            yield name, path.read_text()


def remark(line):
    """What a configuration says in its comments, as a line of a page; three more spaces make it a command."""
    bare = line.lstrip(" ")
    if not bare.startswith("#"):
        return ""
    return "    " + bare[1:].strip() if bare[1:].startswith("   ") else bare[1:]


def whole(lines, index, end):
    """A line with those that it goes on in behind a backslash, and the number of the next."""
    text, index = lines[index].strip(), index + 1
    while text.endswith("\\") and index < end:
        text, index = text[:-1] + lines[index].strip(), index + 1
    return text, index


def shown(name, text):
    """Each command with its line, and whether it stands in the middle of a sentence."""
    lines = text.split("\n")
    if not name.endswith(".md"):
        lines = [remark(line) for line in lines]
    index, prose = 0, []
    while index < len(lines):
        line = lines[index]
        if line.lstrip(" ").startswith("```"):
            kind = (line.strip()[3:].split() or [""])[0]
            end = next((n for n in range(index + 1, len(lines)) if lines[n].strip() == "```"), len(lines))
            index += 1
            while index < end:
                start, (found, index) = index, whole(lines, index, end)
                if kind == "console" and found.startswith("$ "):
                    yield start + 1, found[2:], False
                elif kind in ("sh", "bash", "shell") and found and not found.startswith("#"):
                    yield start + 1, found, False
            index = end + 1
        elif line.startswith("    "):
            start, (found, after) = index, whole(lines, index, len(lines))
            index += 1
            if found.startswith("$ "):
                yield start + 1, found[2:], False
            elif found.split(" ")[0] in SHOWN and " " in found:
                yield start + 1, found if name.endswith(".md") else re.sub(r" {3}.*", "", found), False
            else:
                continue
            index = after
        else:
            prose.append((index, line))
            index += 1
    joined = "\n".join(line for _, line in prose)
    for span in re.finditer(r"`([^`\n]+(?:\n[^`\n]+)?)`", joined):
        words = span[1].replace("\\|", "|").split()
        if len(words) > 1 and words[0] in SHOWN:
            yield prose[joined.count("\n", 0, span.start())][0] + 1, " ".join(words), True


def commands():
    for name, text in pages():
        for line, command, is_inline in sorted(shown(name, text), key=lambda each: each[0]):
            remark_behind = re.search(r"\s+# .*$", command)
            status = remark_behind and re.search(r"exit status (\d+)", remark_behind[0])
            command = (command[: remark_behind.start()] if remark_behind else command).removeprefix("sudo ")
            if command.split(" ")[0] in PROGRAMS:
                yield {
                    "document": name, "line": line, "text": command, "isInline": is_inline,
                    "status": int(status[1]) if status else None,
                }


if __name__ == "__main__":
    for each in commands():
        print(f"{each['document']}:{each['line']}: {each['text']} {str(each['isInline']).lower()} {each['status'] or ''}")
