"""Data sets from the network, here a server of the test's own, and what can be wrong with one."""

import contextlib
import errno
import gzip
import hashlib
import http.server
import os
import struct
import subprocess
import sys
import threading

import numpy as np
import pytest

import fxtypes_nn.datasets.download as download_module
from fxtypes_nn import DatasetError, datasets
from fxtypes_nn.datasets.published import FILES, PUBLISHED, File

pytest.importorskip("pooch")


def idx(array):
    header = struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture(scope="module")
def contents():
    """A small MNIST, by the published names."""
    generator = np.random.default_rng(0)
    found = {}
    for name in FILES:
        count = 5 if "train" in name else 3
        shape = (count, 28, 28) if "images" in name else (count,)
        found[name] = idx(generator.integers(0, 256 if "images" in name else 10, shape))
    return found


class Server:
    """What a host sends, by path, and which paths it was asked for."""

    def __init__(self):
        self.files, self.asked, self.truncated = {}, [], set()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_HEAD(self):
                self.answer(body=False)

            def do_GET(self):
                outer.asked.append(self.path)
                self.answer(body=True)

            def answer(self, body):
                data = outer.files.get(self.path)
                if data is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if body:
                    self.wfile.write(
                        data[: len(data) // 2] if self.path in outer.truncated else data
                    )

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def server(monkeypatch, contents):
    """A host of the small MNIST at /mnist/, which `load` takes as the one place to get it from."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("FXTYPES_DATA", raising=False)
    host = Server()
    packed = {name: gzip.compress(data, mtime=0) for name, data in contents.items()}
    host.files = {f"/mnist/{name}.gz": data for name, data in packed.items()}
    files = {
        name: File(
            len(packed[name]),
            hashlib.sha256(packed[name]).hexdigest(),
            hashlib.sha256(data).hexdigest(),
        )
        for name, data in contents.items()
    }
    published = PUBLISHED["mnist"]._replace(files=files, addresses=(f"{host.address}/mnist/",))
    monkeypatch.setitem(PUBLISHED, "mnist", published)
    with contextlib.closing(host):
        yield host


def also_from(monkeypatch, *addresses):
    monkeypatch.setitem(PUBLISHED, "mnist", PUBLISHED["mnist"]._replace(addresses=addresses))


def pixels(contents):
    return np.frombuffer(contents[FILES[0]][16:], np.uint8).reshape(5, 784).tolist()


def refused(message, *arguments):
    with pytest.raises(DatasetError, match=message) as caught:
        datasets.load("mnist", *arguments)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_what_lies_nowhere_is_downloaded_once(server, contents, capsys, nothing_is_downloaded):
    data = datasets.load("mnist")
    assert data.x_train.tolist() == pixels(contents)
    assert (data.name, data.classes, data.image_shape) == ("mnist", tuple("0123456789"), (28, 28))
    out, err = capsys.readouterr()
    folder = nothing_is_downloaded / "mnist"
    assert out == ""
    assert err.splitlines() == [
        f"downloading mnist from {server.address}/mnist/{file}.gz to {folder}" for file in FILES
    ]
    assert sorted(os.listdir(folder)) == sorted(f"{file}.gz" for file in FILES)
    again = datasets.load("mnist")
    assert again.x_test.tolist() == data.x_test.tolist()
    assert capsys.readouterr() == ("", "")
    assert server.asked == [f"/mnist/{file}.gz" for file in FILES]


def test_what_lies_in_the_users_folder_is_not_downloaded(server, contents, tmp_path, monkeypatch):
    (tmp_path / "mnist").mkdir()
    for name, data in contents.items():
        (tmp_path / "mnist" / name).write_bytes(data)
    monkeypatch.setenv("FXTYPES_DATA", str(tmp_path))
    for arguments in ((), (tmp_path,)):
        assert datasets.load("mnist", *arguments).x_train.tolist() == pixels(contents)
    # A part of it is a mistake of somebody's, who is told.
    (tmp_path / "mnist" / FILES[3]).unlink()
    refused(rf"mnist/{FILES[3]}.gz is missing; put the published file there, packed or not")
    assert server.asked == []


def test_a_folder_without_it_and_the_cache_after_it(server, contents, tmp_path):
    for _ in range(2):
        assert datasets.load("mnist", tmp_path).x_train.tolist() == pixels(contents)
    assert list(tmp_path.iterdir()) == []  # what is the user's is left alone
    assert len(server.asked) == 4


def test_a_folder_of_data_that_is_none(server, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    for wrong in ("nowhere", "file"):
        refused(rf"there is no folder .*{wrong}, where data_dir says", tmp_path / wrong)
    monkeypatch.setenv("FXTYPES_DATA", str(tmp_path / "nowhere"))
    refused("there is no folder .*nowhere, where FXTYPES_DATA says")
    assert server.asked == []


def test_offline(monkeypatch, tmp_path, capsys, nothing_is_downloaded):
    monkeypatch.delenv("FXTYPES_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    text = refused(
        r"can't be downloaded \(no connection to 127.0.0.1:9\): set FXTYPES_DATA to a folder"
    )
    for file in FILES:
        assert f"mnist/{file}.gz" in text
    text = refused(r"can't be downloaded \(no connection to 127.0.0.1:9\): put ", tmp_path)
    assert text.startswith(f"{tmp_path / 'mnist' / FILES[0]}.gz is missing")
    for file in FILES:
        assert f"{file}.gz" in text
    assert capsys.readouterr() == ("", "")
    assert not nothing_is_downloaded.exists()


def test_a_host_without_the_file_and_another_one(server, contents, monkeypatch, capsys):
    also_from(monkeypatch, f"{server.address}/elsewhere/")
    refused(rf"\({server.host} answers 404 Not Found\)")
    also_from(
        monkeypatch,
        "http://127.0.0.1:9/",
        f"{server.address}/elsewhere/",
        f"{server.address}/mnist/",
    )
    assert datasets.load("mnist").x_train.tolist() == pixels(contents)
    assert "mnist/mnist" not in capsys.readouterr().err


def test_all_reasons_are_named_once(server, monkeypatch):
    elsewhere = f"{server.address}/elsewhere/"
    also_from(monkeypatch, "http://127.0.0.1:9/", elsewhere, elsewhere + "too/")
    refused(rf"\(no connection to 127.0.0.1:9; {server.host} answers 404 Not Found\)")


def test_a_wrong_checksum(server, contents, nothing_is_downloaded):
    path = f"/mnist/{FILES[1]}.gz"
    right = server.files[path]
    server.files[path] = right[:-1] + bytes([right[-1] ^ 1])
    refused(rf"\(what {server.host} sends has a wrong checksum\)")
    # What was whole stays, the rest comes when it is.
    assert os.listdir(nothing_is_downloaded / "mnist") == [f"{FILES[0]}.gz"]
    server.files[path] = right
    server.asked.clear()
    assert datasets.load("mnist").x_train.tolist() == pixels(contents)
    assert server.asked == [f"/mnist/{file}.gz" for file in FILES[1:]]


def test_a_connection_that_breaks_off(server, contents, nothing_is_downloaded):
    server.truncated.add(f"/mnist/{FILES[0]}.gz")
    refused(rf"\(the connection to {server.host} broke off\)")
    assert not nothing_is_downloaded.exists()
    server.truncated.clear()
    assert datasets.load("mnist").x_train.tolist() == pixels(contents)


def test_a_damaged_file_in_the_cache_is_downloaded_again(server, contents, nothing_is_downloaded):
    datasets.load("mnist")
    path = nothing_is_downloaded / "mnist" / f"{FILES[2]}.gz"
    path.write_bytes(path.read_bytes()[:-5])
    server.asked.clear()
    assert datasets.load("mnist").x_train.tolist() == pixels(contents)
    assert server.asked == [f"/mnist/{FILES[2]}.gz"]


def test_an_interrupt_leaves_no_part(server, contents, monkeypatch, nothing_is_downloaded):
    import pooch

    whole = pooch.HTTPDownloader.__call__

    def interrupted(self, url, output_file, pooch, check_only=False):
        if check_only or FILES[1] not in url:
            return whole(self, url, output_file, pooch, check_only)
        with open(output_file, "wb") as file:
            file.write(b"a part")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(pooch.HTTPDownloader, "__call__", interrupted)
        with pytest.raises(KeyboardInterrupt):
            datasets.load("mnist")
    assert os.listdir(nothing_is_downloaded / "mnist") == [f"{FILES[0]}.gz"]
    assert datasets.load("mnist").x_train.tolist() == pixels(contents)


def test_a_killed_process_leaves_nothing_that_is_taken_for_a_file(
    server, contents, monkeypatch, nothing_is_downloaded
):
    code = f"""
import os, sys, pooch
from fxtypes_nn.datasets import download, published
whole = pooch.HTTPDownloader.__call__
def killed(self, url, output_file, pooch, check_only=False):
    if not check_only:
        with open(output_file, "wb") as file:
            file.write(b"a part")
        os._exit(9)
pooch.HTTPDownloader.__call__ = killed
download._cache = lambda: {str(nothing_is_downloaded)!r}
download.download("mnist", published.PUBLISHED["mnist"])
"""
    root = os.path.dirname(os.path.dirname(os.path.dirname(download_module.__file__)))
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], env=os.environ | {"PYTHONPATH": root}, check=False
    )
    assert done.returncode == 9
    assert len(os.listdir(nothing_is_downloaded / "mnist")) == 1  # with a name that says nothing
    assert not datasets.available()[1].files
    assert datasets.load("mnist").x_train.tolist() == pixels(contents)


def test_a_cache_that_cannot_be_written(server, monkeypatch, nothing_is_downloaded):
    nothing_is_downloaded.parent.mkdir(exist_ok=True)
    nothing_is_downloaded.write_text("in the way")
    refused(rf"\({nothing_is_downloaded}/mnist can't be written: ")
    nothing_is_downloaded.unlink()
    import pooch

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    whole = pooch.HTTPDownloader.__call__
    monkeypatch.setattr(
        pooch.HTTPDownloader,
        "__call__",
        lambda *a, check_only=False: whole(*a, check_only=True) if check_only else full(),
    )
    refused(rf"\({nothing_is_downloaded}/mnist can't be written: No space left on device\)")


@pytest.mark.parametrize("kind", ["Timeout", "ReadTimeout", "SSLError", "TooManyRedirects"])
def test_other_troubles_of_the_network(server, monkeypatch, kind):
    import pooch
    import requests

    def fails(*_, **__):
        raise getattr(requests.exceptions, kind)("a long\nstory (Caused by <object at 0x1>)")

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", fails)
    text = refused(rf"can't be downloaded \(.*{server.host}.*\): set")
    assert "0x1" not in text


def test_without_pooch(server, monkeypatch, contents, tmp_path):
    monkeypatch.setitem(sys.modules, "pooch", None)
    refused(r"can't be downloaded \(pooch is needed for downloads: pip install 'fxtypes\[nn\]'\)")
    assert [found.whole for found in datasets.available()] == [True, False, False]
    (tmp_path / "mnist").mkdir()
    for name, data in contents.items():
        (tmp_path / "mnist" / name).write_bytes(data)
    assert datasets.load("mnist", tmp_path).x_train.tolist() == pixels(contents)


def test_poochs_log_is_as_before(server, caplog):
    import pooch

    before = pooch.get_logger().level
    datasets.load("mnist")
    assert pooch.get_logger().level == before
    assert caplog.records == []


# What is found where


def listed(name, *arguments):
    (found,) = (each for each in datasets.available(*arguments) if each.name == name)
    return found


def test_what_comes_with_the_package_is_right():
    found = listed("digits")
    assert (found.whole, found.advice) == (True, "")
    assert [file.state for file in found.files] == ["right"]
    assert os.path.isfile(found.files[0].path)
    assert [each.name for each in datasets.available()] == datasets.names()


def test_the_listing_downloads_nothing(server, tmp_path):
    found = listed("mnist")
    assert (found.folder, found.files, found.whole) == (None, (), False)
    assert found.advice == (
        "it is downloaded when it is first used; or set FXTYPES_DATA to a folder that has mnist/ "
        "with its four files"
    )
    assert listed("mnist", tmp_path).advice.endswith(f"or put its four files into {tmp_path}/mnist")
    assert server.asked == []
    with pytest.raises(DatasetError, match="there is no folder"):
        datasets.available(tmp_path / "nowhere")


def test_files_in_the_users_folder_are_checked(server, contents, tmp_path, monkeypatch):
    folder = tmp_path / "mnist"
    folder.mkdir()
    first, second, third, fourth = FILES
    (folder / first).write_bytes(contents[first])  # unpacked
    (folder / f"{second}.gz").write_bytes(server.files[f"/mnist/{second}.gz"])  # as published
    (folder / f"{third}.gz").write_bytes(gzip.compress(contents[third], 1, mtime=5))  # anew
    monkeypatch.setenv("FXTYPES_DATA", str(tmp_path))
    found = listed("mnist")
    assert found.folder == str(folder)
    assert [(file.path, file.state) for file in found.files] == [
        (str(folder / first), "right"),
        (f"{folder / second}.gz", "right"),
        (f"{folder / third}.gz", "right"),
        (f"{folder / fourth}.gz", "missing"),
    ]
    assert not found.whole
    assert found.advice == f"take fresh copies of {fourth}.gz"
    (folder / fourth).write_bytes(contents[fourth])
    assert (listed("mnist").whole, listed("mnist").advice) == (True, "")
    (folder / first).write_bytes(contents[first][:-1] + b"!")
    (folder / f"{second}.gz").write_bytes(server.files[f"/mnist/{second}.gz"][:-3])
    (folder / f"{third}.gz").unlink()
    (folder / f"{third}.gz").mkdir()
    found = listed("mnist")
    assert [file.state for file in found.files] == ["wrong", "wrong", "wrong", "right"]
    assert found.advice == f"take fresh copies of {first}, {second}.gz, {third}.gz"
    (folder / f"kmnist-{first}").write_bytes(b"")
    found = listed("mnist")
    assert (found.folder, found.files, found.whole) == (str(folder), (), False)
    assert "give each data set a folder of its own" in found.advice


def test_files_in_the_cache_are_checked(server, nothing_is_downloaded):
    datasets.load("mnist")
    assert (listed("mnist").whole, listed("mnist").advice) == (True, "")
    path = nothing_is_downloaded / "mnist" / f"{FILES[0]}.gz"
    path.write_bytes(b"")
    found = listed("mnist")
    assert found.folder == str(path.parent)
    assert [file.state for file in found.files] == ["wrong", "right", "right", "right"]
    assert found.advice == "what is not right is downloaded again when it is used"


@pytest.mark.skipif("FXTYPES_DATA" not in os.environ, reason="FXTYPES_DATA names no folder")
@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_the_published_files_have_these_checksums(name, tmp_path):
    found = listed(name)
    assert found.whole
    (tmp_path / name).mkdir()
    for file in found.files:  # and so has what is packed in them
        with gzip.open(file.path) as packed:
            whole = packed.read()
        (tmp_path / name / os.path.basename(file.path).removesuffix(".gz")).write_bytes(whole)
        size = PUBLISHED[name].files[os.path.basename(file.path).removesuffix(".gz")].size
        assert os.path.getsize(file.path) == size
    assert listed(name, tmp_path).whole
