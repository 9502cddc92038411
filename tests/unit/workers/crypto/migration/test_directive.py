"""One directive in the configurations of five servers, read and written by the rules of each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.crypto.migration import directive
from workers.crypto.migration.directive import PLAIN
from workers.crypto.migration.executors import haproxy, postgresql, sshd

NEW = "X25519MLKEM768/X25519"
LINE = f"ssl_ecdh_curve {NEW}"
ASIDE = "# it's ssl_ecdh_curve a;\nadd_header X '; ssl_ecdh_curve b'; "
WRITTEN = [
    (PLAIN, "ssl_ecdh_curve", "ssl_ecdh_curve X25519:P-256;\n", f"{LINE};\n", "X25519:P-256"),
    (PLAIN, "ssl_ecdh_curve", 'http { ssl_ecdh_curve "a"; }', f'http {{ ssl_ecdh_curve "{NEW}"; }}', "a"),
    (PLAIN, "ssl_ecdh_curve", "ssl_ecdh_curve auto; # auto\r\n", f"{LINE}; # auto\r\n", "auto"),
    (PLAIN, "ssl_ecdh_curve", f"{ASIDE}ssl_ecdh_curve c;", f"{ASIDE}{LINE};", "c"),
    (PLAIN, "curves", "bind :443 ssl crt a curves P-256 alpn h2", f"bind :443 ssl crt a curves {NEW} alpn h2",
     "P-256"),
    (PLAIN, "curves", "default-curves X448\nbind curves a", f"default-curves X448\nbind curves {NEW}", "a"),
    (PLAIN, "curves", "a.pem [curves X25519:P-256] a", f"a.pem [curves {NEW}] a", "X25519:P-256"),
    (PLAIN, "ssl_ecdh_curve", "ssl_ecdh_curve\n  'a'\n;", f"ssl_ecdh_curve\n  '{NEW}'\n;", "a"),
    (PLAIN, "OpenSSLConfCmd Groups", "OpenSSLConfCmd  Groups a", f"OpenSSLConfCmd  Groups {NEW}", "a"),
    (PLAIN, "ssl_groups", "ssl_groups = X25519\n", f"ssl_groups = '{NEW}'\n", "X25519"),
    (PLAIN, "ssl_groups", "ssl_groups = 'X25519' # it's\n", f"ssl_groups = '{NEW}' # it's\n", "X25519"),
    (postgresql.DIALECT, "ssl_groups", "SSL_GROUPS 'X25519'", f"SSL_GROUPS '{NEW}'", "X25519"),
    (postgresql.DIALECT, "ssl_groups", "#ssl_groups = a\n", f"#ssl_groups = a\nssl_groups = '{NEW}'\n", ""),
    (postgresql.DIALECT, "ssl_groups", "port = 1", f"port = 1\nssl_groups = '{NEW}'", ""),
    (haproxy.DIALECT, "ssl-default-bind-curves", "global # all\n  log x\ndefaults\n",
     f"global # all\n    ssl-default-bind-curves {NEW}\n  log x\ndefaults\n", ""),
    (sshd.DIALECT, "KexAlgorithms", "Port 22\nMatch all\n", f"KexAlgorithms {NEW}\nPort 22\nMatch all\n", ""),
    (sshd.DIALECT, "KexAlgorithms", "kexalgorithms=a,b\n", f"kexalgorithms={NEW}\n", "a,b"),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "name", "before", "after", "value"), WRITTEN)
def test_it_is_written_as_the_server_has_it_and_comes_back_to_the_byte(dialect, name, before, after, value):
    found = directive.find(before, name, dialect=dialect)
    assert found.value == value
    assert found.replaced(found.quoted(NEW)) == after
    again = directive.find(after, name, dialect=dialect)
    assert again.value == NEW and again.replaced(found.written) == before


@pytest.mark.parametrize(
    ("dialect", "text", "why"),
    [
        (PLAIN, "# ssl_groups a", "ssl_groups once, it does 0 times"),
        (PLAIN, "ssl_groups\nport 1\n", "ssl_groups once, it does 0 times"),
        (PLAIN, "ssl_groups a; ssl_groups b;", "ssl_groups once, it does 2 times"),
        (PLAIN, "proxy_ssl_groups a; $ssl_groups b; ssl_groups_x c;", "once, it does 0 times"),
        (postgresql.DIALECT, "ssl_groups = a\nSSL_Groups = b\n", "once, it does 2 times"),
        (haproxy.DIALECT, "defaults\n  mode http\n", "has no place for the directive ssl_groups"),
    ],
)
def test_what_cannot_be_told_is_refused(dialect, text, why):
    with pytest.raises(ValueError, match=why):
        directive.find(text, "ssl_groups", dialect=dialect)


def test_a_setting_may_have_two_names():
    found = directive.find("ssl_ecdh_curve = prime256v1\n", *postgresql.NAMES, dialect=postgresql.DIALECT)
    assert found.value == "prime256v1"
    assert found.replaced(found.quoted(NEW)) == f"ssl_ecdh_curve = '{NEW}'\n"
    with pytest.raises(ValueError, match="it does 2 times"):
        directive.find("ssl_groups = a\nssl_ecdh_curve = b\n", *postgresql.NAMES, dialect=postgresql.DIALECT)


LINES = st.lists(
    st.sampled_from(["", "port = 1", "# ssl_groups = 'a'", "x = 'it''s ssl_groups b' # c", "y 2", "é\r"]),
    max_size=6,
)


@given(LINES, st.booleans(), st.sampled_from([postgresql.DIALECT, sshd.DIALECT]))
def test_a_line_that_is_added_leaves_nothing_when_it_is_taken_out(lines, ended, dialect):
    text = "\n".join(lines) + ("\n" if ended else "")
    made = directive.find(text, "ssl_groups", dialect=dialect)
    with_line = made.replaced(made.quoted(NEW))
    found = directive.find(with_line, "ssl_groups", dialect=dialect)
    assert found.value == NEW and found.replaced("") == text
