//! Where code gets control.

pub(crate) mod toolchain;

super::rules! {
    talks_to_network_at_install = "talks-to-network-at-install",
    talks_to_network_when_imported = "talks-to-network-when-imported",
    leaves_files_at_install = "leaves-files-at-install",
    runs_command_at_install = "runs-command-at-install",
    runs_inline_script_at_install = "runs-inline-script-at-install",
    installs_another_runtime = "installs-another-runtime",
    runs_code_at_interpreter_start = "runs-code-at-interpreter-start",
    uses_in_tree_build_backend = "uses-in-tree-build-backend",
    abuses_gyp_expansions = "abuses-gyp-expansions",
    runs_in_editor_or_agent = "runs-in-editor-or-agent",
    shadows_another_module = "shadows-another-module",
    has_url_dependency = "has-url-dependency",
}
