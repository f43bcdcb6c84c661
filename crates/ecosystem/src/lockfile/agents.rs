//! Configurations of coding agents and editors: the servers that they start, and the extensions that are installed.

use model::{Dependency, DependencyGraph, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, base, commands::command, docker::image, flat::Flat};
use crate::document::{Document, Kind, Node};

/// Servers of the Model Context Protocol, which agents start on the user's machine.
#[derive(Debug, Clone, Copy)]
pub struct McpServers;

/// The extensions that an editor of the kind of Visual Studio Code has installed.
#[derive(Debug, Clone, Copy)]
pub struct EditorExtensions;

impl Lockfile for McpServers {
    fn name(&self) -> &'static str {
        "MCP servers"
    }

    fn matches(&self, path: &str) -> bool {
        let names = ["mcp.json", ".mcp.json", "mcp_config.json", "claude_desktop_config.json", "mcp_settings.json"];
        let settings = [".claude/settings.json", ".gemini/settings.json", ".claude.json", "cline_mcp_settings.json"];
        names.contains(&base(path)) || settings.iter().any(|end| path.ends_with(end))
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut flat = Flat::new(files.path(), PackageType::GENERIC);
        let document = Document::json(files.text());
        flat.reading.syntax(&document);
        let root = document.root();
        // Some hold settings for each project, and servers in those.
        let holders = [Some(root), root.get("mcp")].into_iter().flatten().chain(root.inside("projects"));
        for holder in holders {
            for server in ["mcpServers", "servers", "context_servers"].iter().flat_map(|key| holder.inside(key)) {
                started(&mut flat, server);
            }
        }
        flat.reading.finish()
    }
}

/// `"command": "npx", "args": ["-y", "package"]`.
fn started(flat: &mut Flat, server: Node<'_, '_>) {
    let program = server.get("command").map(|one| one.get("path").unwrap_or(one));
    let (first, more): (&str, Vec<&str>) = match program {
        Some(list) if list.kind() == Kind::List => {
            let mut words = list.children().filter_map(Node::scalar);
            (words.next().unwrap_or_default(), words.collect())
        }
        Some(program) => (program.text(), Vec::new()),
        None => return,
    };
    let arguments: Vec<&str> = more.into_iter().chain(server.inside("args").filter_map(Node::scalar)).collect();
    let why = Why::new(Scope::Normal).group(server.key());
    for one in command(first, &arguments) {
        flat.add(one.package.line(server.line()), why.requirement(&one.requirement));
    }
    if matches!(base(first), "docker" | "podman") {
        // The image is the last word that an option does not take: what stands behind it are its own arguments.
        let found = arguments.iter().rev().find(|word| !word.starts_with('-') && word.contains('/'));
        let package = found.and_then(|word| image(word));
        package.into_iter().for_each(|package| _ = flat.add(package.line(server.line()), why));
    }
}

impl Lockfile for EditorExtensions {
    fn name(&self) -> &'static str {
        "editor extensions"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "extensions.json"
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut flat = Flat::new(files.path(), PackageType::EXTENSION);
        let document = Document::json(files.text());
        flat.reading.syntax(&document);
        let root = document.root();
        // What is installed is a list; what a project recommends is a list of names.
        for entry in root.children().filter(|_| root.kind() == Kind::List) {
            let Some(id) = entry.get("identifier").and_then(|one| one.str("id")) else { continue };
            flat.need(extension(id).version(entry.str("version").unwrap_or_default()).line(entry.line()));
        }
        for entry in root.inside("recommendations").filter(|entry| entry.scalar().is_some()) {
            flat.add(extension(entry.text()).line(entry.line()), Why::new(Scope::Optional).group("recommendations"));
        }
        flat.reading.finish()
    }
}

/// `publisher.name`, in any case.
fn extension(id: &str) -> Dependency {
    let name = id.to_ascii_lowercase().replacen('.', "/", 1);
    Dependency::new(PackageType::EXTENSION, name).source(Source::Registry(None))
}
