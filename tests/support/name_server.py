"""Runs a command in a network namespace of its own, where the name server at 127.0.0.1:53 is made up:
every host has the IPv4 address 127.0.0.1, or with "silent" nothing is answered.

    unshare --net python3 name_server.py answering|silent ASKED COMMAND...

The names that it was asked for go into the file ASKED, one a line. Ends as the command ends.
"""

import fcntl
import socket
import struct
import subprocess
import sys
import threading

SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def bring_loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))


def name_in(question):
    labels, at = [], 12
    while question[at]:
        labels.append(question[at + 1:at + 1 + question[at]].decode())
        at += 1 + question[at]
    return ".".join(labels), at + 1


def answer_to(question, after_name):
    is_a = struct.unpack_from("!H", question, after_name)[0] == 1
    answer = question[:2] + struct.pack("!HHHHH", 0x8180, 1, is_a, 0, 0) + question[12:after_name + 4]
    if is_a:
        answer += struct.pack("!HHHIH4s", 0xC00C, 1, 1, 60, 4, socket.inet_aton("127.0.0.1"))
    return answer


def serve(server, silent, asked):
    while True:
        question, client = server.recvfrom(4096)
        name, after_name = name_in(question)
        with open(asked, "a") as file:
            file.write(name + "\n")
        if not silent:
            server.sendto(answer_to(question, after_name), client)


def main(kind, asked, *command):
    bring_loopback_up()
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    threading.Thread(target=serve, args=(server, kind == "silent", asked), daemon=True).start()
    return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
