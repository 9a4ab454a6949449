#!/usr/bin/env python3
"""A source of lib/buffer with a bug put in on purpose, which the simulation must find.
  seed_bug.py NAME SOURCE_FOLDER OUTPUT
"""
import pathlib
import sys

BUGS = {
    # The segment goes before the cursor that allows it is safe.
    "unlink_before_cursor": ("buffer_writer.cpp", [
        ("if (outputs_[i].is_required) least = std::min(least, cursor.saved.value_or(0));",
         "if (outputs_[i].is_required) least = std::min(least, cursor.reader->acked());"),
        ("if (acked == cursor.saved) return Ok{};",
         "if (acked <= cursor.saved.value_or(0) + 30) return Ok{};")]),
    # New files are not made durable in their folder.
    "no_folder_sync": ("lane_log.cpp", [
        ("if (error != 0 || options_.sync == Sync::never) return error;\n"
         "  return storage_.sync_folder(options_.folder);", "return error;")]),
    # All segments have one salt, so that block 0 of each has the same key and nonce.
    "reused_nonce": ("lane_log.cpp", [
        ("const auto salt = random_salt();",
         "const auto salt = Result<std::array<unsigned char, kSaltBytes>>(std::array<unsigned char, kSaltBytes>{});")]),
    # New frames get sequences that an output has answered for already.
    "cursor_ahead_of_log": ("buffer.cpp", [
        ("for (const std::uint64_t at : acked) lane.log->skip_to(at + 1);", "")]),
    # A cursor is saved where its output reads, not where it has answered.
    "cursor_ahead_of_answers": ("buffer_writer.cpp", [
        ("const std::uint64_t acked = cursor.reader->acked();",
         "const std::uint64_t acked = cursor.reader->next() - 1;")]),
    # A sync that failed is tried again on the same file, and believed.
    "retried_sync": ("lane_log.cpp", [
        ("const int error = storage_.sync_data(current_->file.get());\n  if (error == 0) {",
         "int error = storage_.sync_data(current_->file.get());\n"
         "  if (error != 0) error = storage_.sync_data(current_->file.get());\n  if (error == 0) {")]),
}


def main():
    name, folder, output = sys.argv[1:]
    file, changes = BUGS[name]
    text = (pathlib.Path(folder) / file).read_text()
    for old, new in changes:
        if text.count(old) != 1:
            sys.exit(f"seed_bug: {file} no longer has, once: {old}")
        text = text.replace(old, new)
    pathlib.Path(output).write_text(text)


if __name__ == "__main__":
    main()
