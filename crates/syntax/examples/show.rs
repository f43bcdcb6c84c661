//! Prints what the machine sees in a source file: `cargo run -p syntax --example show -- FILE`.

fn main() {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).expect("the file can be read");
        let (text, _) = syntax::text::decode(&bytes);
        let language = syntax::Language::of(&path, &bytes).expect("a known language");
        let work = move |text: String| {
            let parsed = syntax::behaviours(language, &path, &text, syntax::Budget::default());
            for problem in &parsed.problems {
                println!("problem {} {}", problem.code, problem.detail);
            }
            let seen = parsed.value;
            for (id, one) in seen.behaviours.iter().enumerate() {
                let layer = one.place.layer.map(|layer| format!("@{layer}")).unwrap_or_default();
                let head = format!("#{id} {}:{}{layer} {}", one.place.line, one.place.column, one.action);
                println!("{head} [{}] via {} {:?} {:?}", one.object.text, one.api, one.flags, one.reach);
            }
            for flow in &seen.flows {
                println!("flow #{} -> #{} {:?}", flow.from, flow.to, flow.role);
            }
            for (at, layer) in seen.layers.iter().enumerate() {
                println!("layer {at} {:?} {}: {:.300}", layer.how, layer.language, layer.text);
            }
            for import in &seen.imports {
                println!("import {} {:?} {:?}", import.module, import.name, import.reach);
            }
            println!("calls {:?}", seen.calls);
            println!("{} literals, gaps {:?}", seen.literals.len(), seen.gaps);
        };
        let text = text.into_owned();
        let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(move || work(text));
        thread.expect("a thread").join().expect("no panic");
    }
}
