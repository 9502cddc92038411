import os
import pwd

from scheduler.embedded.account import current_name, unprivileged


def test_postgresql_never_runs_as_root(tmp_path):
    account = unprivileged(tmp_path)
    if os.geteuid() == 0:
        assert account is not None and account.uid != 0
        assert pwd.getpwnam(account.name).pw_uid == account.uid
    else:
        assert account is None


def test_the_owner_of_the_first_folder_that_exists_is_taken(tmp_path):
    owned = tmp_path / "owned"
    owned.mkdir()
    if os.geteuid() == 0:
        other = next(entry for entry in pwd.getpwall() if entry.pw_uid and entry.pw_name != "nobody")
        os.chown(owned, other.pw_uid, other.pw_gid)
        found = unprivileged(tmp_path / "missing", owned)
        assert found is not None and found.uid == other.pw_uid
    else:
        assert unprivileged(owned) is None


def test_the_current_user_has_a_name():
    assert pwd.getpwnam(current_name()).pw_uid == os.geteuid()
