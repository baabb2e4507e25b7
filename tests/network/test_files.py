"""Files appear whole or not at all."""

import pytest

from fxtypes_nn.files import write_whole


def test_writes_bytes_and_text(tmp_path):
    with write_whole(tmp_path / "a") as file:
        file.write(b"\x00\xff")
    with write_whole(tmp_path / "b", text=True) as file:
        file.write("é\n")
    assert (tmp_path / "a").read_bytes() == b"\x00\xff"
    assert (tmp_path / "b").read_bytes() == "é\n".encode()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail():
        with write_whole(path) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_a_missing_folder_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError), write_whole(tmp_path / "none" / "a"):
        pass
