#!/usr/bin/env python3
"""events_doc_test.py SORRELCTL: every key that sorrel makes is described in docs/events.md."""
import unittest

import decoded

SORRELCTL = decoded.program_of_command_line()
PAGE = decoded.ROOT / "docs/events.md"
# Not ours: fixed fields of the host have the names that the configuration gives them.
CONFIGURED = {"role"}


def undescribed(page, made):
    """Those of the keys `made` that `page` does not name as code."""
    return sorted(key for key in made - CONFIGURED if f"`{key}`" not in page)


class Keys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = set()
        for path in decoded.inputs():
            words = decoded.words_of_input(SORRELCTL, path)
            for lines in decoded.decode_json(SORRELCTL, path):
                cls.made |= decoded.keys_of_ours(lines, words)

    def test_every_key_that_is_in_no_record_is_described(self):
        self.assertEqual(undescribed(PAGE.read_text(), self.made), [])

    def test_a_key_without_description_would_be_found(self):
        without = PAGE.read_text().replace("`ARGV_STR`", "").replace("`saddr_fam`", "")
        self.assertEqual(undescribed(without, self.made), ["ARGV_STR", "saddr_fam"])

    def test_the_decoded_input_has_the_kinds_of_keys_that_the_page_is_about(self):
        expected = {"TIME", "EVENT_UID", "SCHEMA", "NODE", "HOST", "ARGV", "ARGV_STR", "KEYS",
                    "SADDR", "ARCH", "SYSCALL", "UID", "denied", "avc", "TEXT", "SORREL_UNPARSED"}
        # In ENRICHED logs the names are auditd's own, and SYSCALL is a record's type too.
        self.assertEqual(sorted(expected - self.made - {"SYSCALL"}), [])


if __name__ == "__main__":
    unittest.main()
