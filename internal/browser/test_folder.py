"""A laboratory on another folder: whichever way the folder is named."""
import pytest

from jupyter import Lab


@pytest.mark.parametrize("flag", ["", "--ServerApp.root_dir={}", "--notebook-dir={}"])
def test_another_folder(tmp_path, flag):
    mine, other = tmp_path / "mine", tmp_path / "other folder"
    mine.mkdir(), other.mkdir()
    lab = Lab(mine, *[flag.format(other)] * bool(flag))  # the environment names mine
    lab.stop()
    assert lab.folder == str(other if flag else mine)
