//! How code is hidden.

mod hidden_code;
mod marked;

super::rules! {
    runs_decoded_code = "runs-decoded-code",
    runs_decrypted_code = "runs-decrypted-code",
    runs_marshalled_code = "runs-marshalled-code",
    hides_names_of_calls = "hides-names-of-calls",
    hides_behind_lookalike_letters = "hides-behind-lookalike-letters",
    hides_code_in_invisible_characters = "hides-code-in-invisible-characters",
    turns_text_direction = "turns-text-direction",
    pushes_code_out_of_sight = "pushes-code-out-of-sight",
    hides_code_in_data_files = "hides-code-in-data-files",
    embeds_executable = "embeds-executable",
    evaluates_unreadable_literal = "evaluates-unreadable-literal",
    is_obfuscated_javascript = "is-obfuscated-javascript",
    is_packed_python = "is-packed-python",
    ships_bytecode_without_source = "ships-bytecode-without-source",
    hides_behind_odd_names = "hides-behind-odd-names",
    silences_its_output = "silences-its-output",
}
