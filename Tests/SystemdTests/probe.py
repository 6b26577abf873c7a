"""Runs inside the sandbox of parceld.service, in parceld's place, and tries what a broken-into daemon would try.

Prints one line of JSON: what was tried, and whether it worked. The same tries run outside the sandbox show that each of
them can work on this machine at all."""

import ctypes
import json
import mmap
import os
import socket
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)
state, other = sys.argv[1:3]


def call(name, *arguments):
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)


def write(path):
    with open(path, "w", encoding="utf-8") as file:
        file.write("x")
    os.unlink(path)


def read(path):
    os.close(os.open(path, os.O_RDONLY | os.O_NOCTTY))


def connect(address, port, kind=socket.SOCK_STREAM, family=socket.AF_INET):
    with socket.socket(family, kind) as s:
        s.settimeout(2)
        s.connect((address, port))


def write_control_groups():
    """In any of the hierarchies, wherever they are mounted."""
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        places = [line.split()[1] for line in mounts if line.split()[2].startswith("cgroup")]
    for place in places:
        try:
            os.mkdir(place + "/probe")
            os.rmdir(place + "/probe")
            return
        except OSError:
            continue
    raise PermissionError(places)


def set_user_id():
    path = state + "/suid"
    with open(path, "w", encoding="utf-8"):
        pass
    try:
        os.chmod(path, 0o4755)
        if not os.stat(path).st_mode & 0o4000:
            raise PermissionError
    finally:
        os.unlink(path)


def jump_into_written_memory():
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.close()


def see_processes():
    """Of others: the process that waits outside, and the first one."""
    for process in (other, "1"):
        read(f"/proc/{process}/status")


def trace():
    call("ptrace", 16, int(other), 0, 0)  # PTRACE_ATTACH
    os.waitpid(int(other), 0)
    call("ptrace", 17, int(other), 0, 0)


TRIES = {
    "write its database's folder": lambda: write(state + "/probe"),
    "write its configuration": lambda: write("/etc/parceld/probe"),
    "write programs": lambda: write("/usr/bin/probe"),
    "write another service's state": lambda: write("/var/lib/neighbour/probe"),
    "leave files in the shared /tmp": lambda: os.stat("/tmp/mark"),
    "read /home": lambda: read("/home/clerk/diary"),
    "read /root": lambda: read("/root/diary"),
    "read /etc/shadow": lambda: read("/etc/shadow"),
    "see other processes": see_processes,
    "trace a process": trace,
    "kill a process": lambda: os.kill(int(other), 0),
    "become root": lambda: os.setuid(0),
    "make a file that becomes its owner": set_user_id,
    "run memory that it has written": jump_into_written_memory,
    "make name spaces": lambda: call("unshare", 0x10000000),  # CLONE_NEWUSER
    "mount": lambda: call("mount", b"none", state.encode(), b"tmpfs", 0, None),
    "send raw packets": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close(),
    "speak netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close(),
    "reach a cloud's metadata": lambda: connect("169.254.169.254", 8080),
    "reach a provider": lambda: connect("127.0.0.1", 8080),
    "read kernel messages": lambda: read("/proc/kmsg"),
    "read the kernel's settings": lambda: read("/proc/sys/kernel/ostype"),
    "write control groups": write_control_groups,
    "change the host's name": lambda: socket.sethostname(socket.gethostname()),
    "make a device": lambda: (os.mknod(state + "/disk", 0o60600, os.makedev(7, 0)), os.unlink(state + "/disk")),
    "run another program": lambda: subprocess.run(["/bin/true"], check=True),
}


def works(attempt):
    """In a process of its own: what one changes of it does not help or hinder the next."""
    child = os.fork()
    if child == 0:
        try:
            attempt()
            os._exit(0)
        except BaseException:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


print(json.dumps({name: works(attempt) for name, attempt in TRIES.items()}))
