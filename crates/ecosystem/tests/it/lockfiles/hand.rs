//! Formats whose tools are not at hand where the fixtures are made: small files written by hand, after the formats' pages.

use model::{Scope, Source};

use super::{lines, read_texts};

/// Reads the files and compares the edges. Whatever problems there are, they are compared too: by their codes.
fn check(texts: &[(&str, &str)], expected: &[&str], problems: &[&str]) {
    let parsed = read_texts(texts);
    let found: Vec<String> = lines(&parsed.value).into_iter().collect();
    assert_eq!(found, expected, "{}", texts[0].0);
    let codes: Vec<&str> = parsed.problems.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes, problems, "{}: {:?}", texts[0].0, parsed.problems);
}

#[test]
fn requirements_with_includes_and_constraints() {
    let main = "\
# comment
-r more.txt
-c limits.txt
--index-url https://registry.example/simple
Flask[async]==3.0.0 ; python_version > '3' # why
requests >= 2, \\
    < 3
free
thing @ https://files.example/thing-1.0.zip
git+https://code.example/x/tool.git@v1#egg=Tool_Kit
-e ./local
./wheels/odd_name-2.0-py3-none-any.whl
?? broken
";
    let more = "hashed==1.0 --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000 \\\n  --hash=sha256:1111111111111111111111111111111111111111111111111111111111111111\n-r requirements.txt\n-r ../absent.txt\n";
    let texts = [("app/requirements.txt", main), ("app/more.txt", more), ("app/limits.txt", "free==4.2\nunused==1\n")];
    check(
        &texts,
        &[
            "requirements.txt -> flask@3.0.0",
            "requirements.txt -> free@4.2",
            "requirements.txt -> hashed@1.0",
            "requirements.txt -> local",
            "requirements.txt -> odd-name",
            "requirements.txt -> requests",
            "requirements.txt -> thing",
            "requirements.txt -> tool-kit",
        ],
        &["malformed-requirement", "missing-file"],
    );
    let graph = read_texts(&texts).value;
    let package = |name: &str| graph.packages().iter().find(|one| one.name == name).expect("a package");
    assert_eq!(package("hashed").checksums.len(), 2);
    assert_eq!(graph.files()[package("hashed").place.file as usize], "app/more.txt");
    assert_eq!(package("requests").place.line, 6);
    assert!(matches!(&package("tool-kit").source, Source::Git(_, Some(revision)) if revision == "v1"));
    assert!(matches!(package("thing").source, Source::Url(_)));
    let requests = graph.edges().iter().find(|edge| graph.package(edge.to).name == "requests").expect("an edge");
    assert_eq!(requests.requirement.as_deref().map(|text| text.replace(' ', "")), Some(">=2,<3".into()));
}

#[test]
fn bundler() {
    let text = "\
GIT
  remote: https://code.example/x/own.git
  revision: 0123456789012345678901234567890123456789
  specs:
    own (0.1.0)
      rack (>= 2)

GEM
  remote: https://registry.example/
  specs:
    nokogiri (1.16.0-x86_64-linux)
      racc (~> 1.4)
    racc (1.7.3)
    rack (3.0.8)

PLATFORMS
  x86_64-linux

DEPENDENCIES
  nokogiri (~> 1.16)
  own!

CHECKSUMS
  rack (3.0.8) sha256=0000000000000000000000000000000000000000000000000000000000000000

BUNDLED WITH
   2.5.6
";
    check(
        &[("Gemfile.lock", text)],
        &[
            "Gemfile.lock -> nokogiri@1.16.0",
            "Gemfile.lock -> own@0.1.0",
            "nokogiri@1.16.0 -> racc@1.7.3",
            "own@0.1.0 -> rack@3.0.8",
        ],
        &[],
    );
    let graph = read_texts(&[("Gemfile.lock", text)]).value;
    let rack = graph.packages().iter().find(|one| one.name == "rack").expect("rack");
    assert_eq!((rack.checksums.len(), rack.place.line), (1, 14));
}

#[test]
fn go() {
    let text = "\
module example.org/ship

go 1.22

require example.org/one v1.2.3

require (
	example.org/two/v2 v2.0.0 // indirect
	example.org/three v0.1.0
	example.org/four v1.0.0
)

replace example.org/three => ../three

replace example.org/four v1.0.0 => example.org/fork v1.0.1
";
    let sums = "example.org/one v1.2.3 h1:AAAA=\nexample.org/one v1.2.3/go.mod h1:AAAA=\nexample.org/two/v2 v2.0.0/go.mod h1:AAAA=\nexample.org/fork v1.0.1 h1:AAAA=\n";
    let expected = [
        "example.org/ship -> example.org/fork@v1.0.1",
        "example.org/ship -> example.org/one@v1.2.3",
        "example.org/ship -> example.org/three@v0.1.0",
        "example.org/ship -> example.org/two/v2@v2.0.0",
    ];
    check(&[("go.mod", text)], &expected, &[]);
    check(&[("go.mod", text), ("go.sum", sums)], &expected, &["missing-integrity"]);
}

#[test]
fn composer() {
    let lock = r#"{"packages": [
      {"name": "Vendor/One", "version": "v1.0.0", "require": {"php": ">=8", "vendor/two": "^2", "ext-json": "*"},
       "source": {"type": "git", "url": "https://code.example/vendor/one.git", "reference": "abc"}},
      {"name": "vendor/two", "version": "2.1.0"}],
     "packages-dev": [{"name": "vendor/check", "version": "3.0.0"}]}"#;
    let manifest = r#"{"name": "me/ship", "require": {"vendor/one": "^1"}, "require-dev": {"vendor/check": "^3"}}"#;
    let texts = [("composer.lock", lock), ("composer.json", manifest)];
    check(
        &texts,
        &["me/ship -> vendor/check@3.0.0", "me/ship -> vendor/one@v1.0.0", "vendor/one@v1.0.0 -> vendor/two@2.1.0"],
        &[],
    );
    let graph = read_texts(&texts).value;
    let dev: Vec<bool> = graph.dependencies().map(|(_, package)| package.flags.dev).collect();
    assert_eq!(dev, [false, false, true]);
    check(
        &texts[..1],
        &[". -> vendor/check@3.0.0", ". -> vendor/one@v1.0.0", "vendor/one@v1.0.0 -> vendor/two@2.1.0"],
        &["missing-file"],
    );
}

#[test]
fn nuget() {
    let lock = r#"{"version": 1, "dependencies": {"net8.0": {
      "Serilog": {"type": "Direct", "requested": "[3.1.1, )", "resolved": "3.1.1", "contentHash": "x", "dependencies": {"Low": "1.0.0"}},
      "Low": {"type": "Transitive", "resolved": "1.0.0", "contentHash": "y"}}}}"#;
    check(&[("packages.lock.json", lock)], &["Serilog@3.1.1 -> Low@1.0.0", "packages.lock.json -> Serilog@3.1.1"], &[]);
    let project = r#"<Project Sdk="Microsoft.NET.Sdk"><ItemGroup>
      <PackageReference Include="One" Version="1.0.0" />
      <PackageReference Include="Two" />
      <PackageReference Include="Three"><Version>[3.0,4.0)</Version></PackageReference>
    </ItemGroup></Project>"#;
    let central = r#"<Project><ItemGroup><PackageVersion Include="Two" Version="2.0.0" /></ItemGroup></Project>"#;
    check(
        &[("src/ship.csproj", project), ("Directory.Packages.props", central)],
        &["ship.csproj -> One@1.0.0", "ship.csproj -> Three", "ship.csproj -> Two@2.0.0"],
        &[],
    );
    let old = r#"<?xml version="1.0"?><packages><package id="One" version="1.0.0" developmentDependency="true" /></packages>"#;
    check(&[("packages.config", old)], &["packages.config -> One@1.0.0"], &[]);
    let deps = r#"{"targets": {"net8.0": {"ship/1.0.0": {"dependencies": {"One": "1.0.0"}}, "One/1.0.0": {}}},
      "libraries": {"ship/1.0.0": {"type": "project"}, "One/1.0.0": {"type": "package"}}}"#;
    check(&[("ship.deps.json", deps)], &["ship@1.0.0 -> One@1.0.0"], &[]);
}

#[test]
fn java() {
    let lock = "# comment\ncom.example:one:1.0=compileClasspath,runtimeClasspath\ncom.example:two:2.0=testRuntimeClasspath\nempty=annotationProcessor\nwrong\n";
    check(
        &[("gradle.lockfile", lock)],
        &["gradle.lockfile -> com.example:one@1.0", "gradle.lockfile -> com.example:two@2.0"],
        &["syntax-error"],
    );
    let pom = r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <parent><groupId>com.example</groupId><artifactId>parent</artifactId><version>1</version></parent>
  <artifactId>ship</artifactId>
  <properties><one.version>1.5</one.version></properties>
  <dependencies>
    <dependency><groupId>com.example</groupId><artifactId>one</artifactId><version>${one.version}</version></dependency>
    <dependency><groupId>com.example</groupId><artifactId>managed</artifactId></dependency>
    <dependency><groupId>org.test</groupId><artifactId>unit</artifactId><version>4</version><scope>test</scope></dependency>
    <dependency><groupId>com.example</groupId><artifactId>open</artifactId><version>${nowhere}</version></dependency>
  </dependencies>
  <build><plugins><plugin><artifactId>maven-jar-plugin</artifactId><version>3.3.0</version></plugin></plugins></build>
</project>"#;
    let parent = r#"<project><groupId>com.example</groupId><artifactId>parent</artifactId><version>1</version>
  <dependencyManagement><dependencies><dependency><groupId>com.example</groupId><artifactId>managed</artifactId>
  <version>7.0</version></dependency></dependencies></dependencyManagement></project>"#;
    let texts = [("app/pom.xml", pom), ("pom.xml", parent)];
    check(
        &texts,
        &[
            "com.example:ship@1 -> com.example:managed@7.0",
            "com.example:ship@1 -> com.example:one@1.5",
            "com.example:ship@1 -> com.example:open",
            "com.example:ship@1 -> com.example:parent@1",
            "com.example:ship@1 -> org.apache.maven.plugins:maven-jar-plugin@3.3.0",
            "com.example:ship@1 -> org.test:unit@4",
        ],
        &["unknown-property"],
    );
    let graph = read_texts(&texts).value;
    let plugin = graph.edges().iter().find(|edge| graph.package(edge.to).name.ends_with("plugin")).expect("a plugin");
    assert_eq!(plugin.scope, Scope::Build);
    assert_eq!(graph.package(plugin.to).purl(), "pkg:maven/org.apache.maven.plugins/maven-jar-plugin@3.3.0");
    let verification = r#"<verification-metadata><components><component group="com.example" name="one" version="1.0">
      <artifact name="one-1.0.jar"><sha256 value="0000000000000000000000000000000000000000000000000000000000000000"/></artifact>
      </component></components></verification-metadata>"#;
    let graph = read_texts(&[("gradle/verification-metadata.xml", verification)]).value;
    assert_eq!(graph.packages()[1].checksums.len(), 1);
}

#[test]
fn workflows() {
    let text = "\
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    container: node:20
    services:
      db: {image: 'postgres:16'}
    steps:
      - uses: Actions/Checkout@0123456789012345678901234567890123456789 # v4
      - uses: owner/repo/sub/path@v1
      - uses: ./.github/actions/own
      - uses: docker://alpine:3.19
      - name: two lines
        run: |
          npm install -g typescript@5.4.5 --registry https://registry.example
          cd x && pip install 'requests==2.31.0' \"flask>=3\" -r dev.txt
  call:
    uses: other/flows/.github/workflows/x.yml@main
";
    check(
        &[(".github/workflows/ci.yml", text)],
        &[
            "ci.yml -> actions/checkout@0123456789012345678901234567890123456789",
            "ci.yml -> alpine@3.19",
            "ci.yml -> flask",
            "ci.yml -> node@20",
            "ci.yml -> other/flows@main",
            "ci.yml -> owner/repo@v1",
            "ci.yml -> postgres@16",
            "ci.yml -> requests@2.31.0",
            "ci.yml -> typescript@5.4.5",
        ],
        &[],
    );
    let graph = read_texts(&[(".github/workflows/ci.yml", text)]).value;
    let line = |name: &str| graph.packages().iter().find(|one| one.name == name).map(|one| one.place.line);
    assert_eq!((line("actions/checkout"), line("owner/repo")), (Some(9), Some(10)));
}

#[test]
fn dockerfiles() {
    let text = "\
FROM --platform=linux/amd64 python:3.12-slim@sha256:0000000000000000000000000000000000000000000000000000000000000000 AS base
FROM base
ARG V=1
RUN apt-get update && \\
    # a comment
    python3 -m pip install --no-cache-dir 'black==24.1.0' \\
      -i https://registry.example/simple ruff
RUN [\"npm\", \"install\", \"-g\", \"@scope/tool@1.0.0\"]
COPY --from=ghcr.example/x/uv:0.4 /uv /bin/
RUN <<EOF
npx -y create-thing@2.0.0 --with args
gem install rails -v 7.1.0
cargo install ripgrep --version 14.0.0
EOF
CMD uvx --from httpie http
";
    check(
        &[("Dockerfile", text)],
        &[
            "Dockerfile -> @scope/tool@1.0.0",
            "Dockerfile -> black@24.1.0",
            "Dockerfile -> create-thing@2.0.0",
            "Dockerfile -> ghcr.example/x/uv@0.4",
            "Dockerfile -> httpie",
            "Dockerfile -> python@sha256:0000000000000000000000000000000000000000000000000000000000000000",
            "Dockerfile -> rails@7.1.0",
            "Dockerfile -> ripgrep@14.0.0",
            "Dockerfile -> ruff",
        ],
        &[],
    );
}

#[test]
fn python_scripts() {
    let text = "#!/usr/bin/env python\n# /// script\n# requires-python = '>=3.11'\n# dependencies = [\n#   'requests<3',\n#   'rich==13.0.0',\n# ]\n# ///\nimport requests\n";
    check(&[("tool.py", text)], &["tool.py -> requests", "tool.py -> rich@13.0.0"], &[]);
    let graph = read_texts(&[("tool.py", text)]).value;
    assert_eq!(graph.packages()[2].place.line, 6);
    check(&[("plain.py", "print(1)\n")], &[], &[]);
    let project = "[project]\nname = 'Ship'\nversion = '1'\ndependencies = ['one==1.0', 'two>=2']\n[build-system]\nrequires = ['setuptools']\n[dependency-groups]\ndev = ['three', {include-group = 'x'}]\n";
    check(
        &[("pyproject.toml", project)],
        &["ship@1 -> one@1.0", "ship@1 -> setuptools", "ship@1 -> three", "ship@1 -> two"],
        &[],
    );
}

#[test]
fn bills_in_other_forms() {
    let xml = r#"<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5">
      <metadata><component type="application" bom-ref="me"><name>ship</name><version>1</version></component></metadata>
      <components><component type="library" bom-ref="a"><name>left</name><version>1.0</version>
        <hashes><hash alg="SHA-256">0000000000000000000000000000000000000000000000000000000000000000</hash></hashes>
        <purl>pkg:npm/%40scope/left@1.0?x=y#z</purl></component>
      <component type="library" bom-ref="b"><group>com.example</group><name>right</name><version>2</version></component>
      </components>
      <dependencies><dependency ref="me"><dependency ref="a"/></dependency><dependency ref="a"><dependency ref="b"/></dependency></dependencies></bom>"#;
    check(&[("bom.xml", xml)], &["@scope/left@1.0 -> com.example/right@2", "ship@1 -> @scope/left@1.0"], &[]);
    let tags = "SPDXVersion: SPDX-2.3\nDocumentName: ship\n\nPackageName: one\nSPDXID: SPDXRef-1\nPackageVersion: 1.0\nExternalRef: PACKAGE-MANAGER purl pkg:pypi/One_Thing@1.0\n\nPackageName: two\nSPDXID: SPDXRef-2\nPackageVersion: 2\n\nRelationship: SPDXRef-2 DEPENDENCY_OF SPDXRef-1\n";
    check(&[("ship.spdx", tags)], &["one-thing@1.0 -> two@2", "ship -> one-thing@1.0"], &[]);
}

#[test]
fn agents_and_editors() {
    let text = r#"{"mcpServers": {
      "files": {"command": "npx", "args": ["-y", "@scope/server-files@1.2.3", "/tmp"]},
      "web": {"command": "/usr/bin/uvx", "args": ["mcp-server-web"]},
      "box": {"command": "docker", "args": ["run", "-i", "--rm", "ghcr.example/x/server:1"]},
      "own": {"command": "node", "args": ["./server.js"]}}}"#;
    check(
        &[(".mcp.json", text)],
        &[
            ".mcp.json -> @scope/server-files@1.2.3",
            ".mcp.json -> ghcr.example/x/server@1",
            ".mcp.json -> mcp-server-web",
        ],
        &[],
    );
    let text = r#"[{"identifier": {"id": "Publisher.Tool"}, "version": "1.0.0"}]"#;
    check(&[("extensions.json", text)], &["extensions.json -> publisher/tool@1.0.0"], &[]);
}

#[test]
fn other_pipelines() {
    let text = "\
include:
  - project: group/shared
    ref: v1
    file: ci.yml
  - remote: https://files.example/ci.yml
  - local: own.yml
image: ruby:3.3
build:
  image: {name: 'node:20'}
  script:
    - npm ci
    - npm i -g left-pad@1.3.0
";
    check(
        &[(".gitlab-ci.yml", text)],
        &[
            ".gitlab-ci.yml -> group/shared@v1",
            ".gitlab-ci.yml -> https://files.example/ci.yml",
            ".gitlab-ci.yml -> left-pad@1.3.0",
            ".gitlab-ci.yml -> node@20",
            ".gitlab-ci.yml -> ruby@3.3",
        ],
        &[],
    );
    let text = "repos:\n- repo: https://code.example/x/hooks\n  rev: v4.5.0\n  hooks:\n  - id: a\n    additional_dependencies: ['types-x==1.0', y]\n- repo: local\n  hooks: []\n";
    check(
        &[(".pre-commit-config.yaml", text)],
        &[
            ".pre-commit-config.yaml -> code.example/x/hooks@v4.5.0",
            ".pre-commit-config.yaml -> types-x@1.0",
            ".pre-commit-config.yaml -> y",
        ],
        &[],
    );
}

#[test]
fn mobile() {
    let text = "packages:\n  args:\n    dependency: \"direct main\"\n    description:\n      name: args\n      sha256: \"0000000000000000000000000000000000000000000000000000000000000000\"\n      url: \"https://registry.example\"\n    source: hosted\n    version: \"2.4.2\"\n";
    check(&[("pubspec.lock", text)], &["pubspec.lock -> args@2.4.2"], &[]);
    let text = r#"{"pins": [{"identity": "thing", "kind": "remoteSourceControl", "location": "https://code.example/x/thing.git",
      "state": {"revision": "abc", "version": "1.0.0"}}], "version": 2}"#;
    check(&[("Package.resolved", text)], &["Package.resolved -> code.example/x/thing@1.0.0"], &[]);
    let text = "PODS:\n  - One (1.0):\n    - Two/Core (~> 2)\n  - Two/Core (2.1)\n\nDEPENDENCIES:\n  - One (= 1.0)\n";
    check(&[("Podfile.lock", text)], &["One@1.0 -> Two/Core@2.1", "Podfile.lock -> One@1.0"], &[]);
}

#[test]
fn systems() {
    let text = "version: 1\npackage:\n- name: python\n  version: 3.12.0\n  manager: conda\n  platform: linux-64\n  dependencies: {libc: '>=2', __glibc: ''}\n  url: https://registry.example/linux-64/python-3.12.0-0.conda\n  hash: {md5: '00000000000000000000000000000000'}\n  category: main\n- name: libc\n  version: '2.0'\n  manager: conda\n  platform: linux-64\n- name: My_Thing\n  version: '1.0'\n  manager: pip\n  platform: linux-64\n";
    check(
        &[("conda-lock.yml", text)],
        &["conda-lock.yml -> my-thing@1.0", "conda-lock.yml -> python@3.12.0", "python@3.12.0 -> libc@2.0"],
        &[],
    );
    let text = r#"{"version": "0.5", "requires": ["zlib/1.3#abc%1"], "build_requires": ["cmake/3.27@user/stable"]}"#;
    check(&[("conan.lock", text)], &["conan.lock -> cmake@3.27", "conan.lock -> zlib@1.3"], &[]);
    let text = "provider \"registry.example/hashicorp/null\" {\n  version     = \"3.2.1\"\n  constraints = \"~> 3\"\n  hashes = [\n    \"h1:x\",\n    \"zh:0000000000000000000000000000000000000000000000000000000000000000\",\n  ]\n}\n";
    check(&[(".terraform.lock.hcl", text)], &[".terraform.lock.hcl -> hashicorp/null@3.2.1"], &[]);
    let text = "%{\n  \"jason\": {:hex, :jason, \"1.4.1\", \"aa\", [:mix], [{:decimal, \"~> 1.0\", [hex: :decimal, repo: \"hexpm\", optional: true]}], \"hexpm\", \"0000000000000000000000000000000000000000000000000000000000000000\"},\n  \"decimal\": {:hex, :decimal, \"2.1.1\", \"bb\", [:mix], [], \"hexpm\", \"cc\"},\n}\n";
    check(&[("mix.lock", text)], &["jason@1.4.1 -> decimal@2.1.1", "mix.lock -> jason@1.4.1"], &[]);
}

#[test]
fn manifests_alone() {
    let text = r#"{"dependencies": {"a": "1.0.0", "b": "^1.0.0", "c": "npm:@x/d@2.0.0", "e": "user/repo#v1", "f": "workspace:*",
      "g": "https://files.example/g.tgz", "h": "1.x"}, "devDependencies": {"i": "latest"},
      "packageManager": "pnpm@9.1.0+sha512.abc"}"#;
    check(
        &[("package.json", text)],
        &[
            "package.json -> @x/d@2.0.0",
            "package.json -> a@1.0.0",
            "package.json -> b",
            "package.json -> e",
            "package.json -> g",
            "package.json -> h",
            "package.json -> i",
            "package.json -> pnpm@9.1.0",
        ],
        &[],
    );
    let graph = read_texts(&[("package.json", text)]).value;
    let source = |name: &str| graph.packages().iter().find(|one| one.name == name).map(|one| one.source.clone());
    assert!(matches!(source("e"), Some(Source::Git(..))) && matches!(source("g"), Some(Source::Url(_))));
    let text = "[dependencies]\none = \"=1.2.3\"\ntwo = { package = \"real\", version = \"2\", optional = true }\nown = { path = \"own\" }\n[target.'cfg(unix)'.dev-dependencies]\nthree = { git = \"https://code.example/x/three\" }\n";
    check(&[("Cargo.toml", text)], &["Cargo.toml -> one@1.2.3", "Cargo.toml -> real", "Cargo.toml -> three"], &[]);
    let text = "[packages]\nOne = \"==1.0\"\ntwo = {git = \"https://code.example/x/two\", ref = \"abc\"}\n[requires]\npython_version = \"3\"\n";
    check(&[("Pipfile", text)], &["Pipfile -> one@1.0", "Pipfile -> two"], &[]);
    let text = r#"{"require": {"php": ">=8", "vendor/one": "1.0.0"}, "require-dev": {"Vendor/Two": "^2"}}"#;
    check(&[("composer.json", text)], &["composer.json -> vendor/one@1.0.0", "composer.json -> vendor/two"], &[]);
}
