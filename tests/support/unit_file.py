"""Reads a systemd unit: {section: {key: value}}; a key that is given more than once has its values joined."""


def read_unit(path):
    sections = {}
    for line in path.read_text().splitlines():
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        if line.startswith("["):
            section = sections.setdefault(line[1:-1], {})
            continue
        key, value = line.split("=", 1)
        section[key] = f"{section[key]} {value}" if key in section else value
    return sections
