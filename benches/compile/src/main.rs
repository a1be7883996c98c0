//! Writes a program with models for a library: `bench-compile write LIBRARY MODELS FOLDER`; says how many bytes of
//! machine code a program has: `bench-compile text PROGRAM`.
//!
//! Each model has 10 fields, 3 relations (to the model before, perhaps to another one, and many from the model after)
//! and a file of its own with five queries: rows of two tables, rows with their many, groups, an insert, an update. The
//! models refer to each other in groups of ten. The program makes all of these queries once.

mod diesel;
mod sea_orm;
mod sqliter;

use std::error::Error;
use std::path::Path;
use std::{fs, io};

use object::{Object as _, ObjectSection as _, SectionKind};

/// How many models refer to each other.
const GROUP: usize = 10;

/// One model, as all libraries see it.
struct Model {
    number: usize,
}

impl Model {
    /// The number of a model that comes later in the same group, in a circle.
    fn later(&self, by: usize) -> String {
        digits(self.number / GROUP * GROUP + (self.number + by) % GROUP)
    }

    /// The text with the numbers in the places that are named after these.
    fn fill(&self, template: &str) -> String {
        template
            .replace("PARENT", &self.later(GROUP - 1))
            .replace("OTHER", &self.later(GROUP - 3))
            .replace("CHILDREN", &self.later(1))
            .replace("SELF", &digits(self.number))
    }
}

fn digits(number: usize) -> String {
    format!("{number:02}")
}

/// What differs between the libraries.
struct Templates {
    /// The lines of `Cargo.toml` below `[dependencies]`.
    dependencies: String,
    /// The file of a model.
    model: &'static str,
    /// What the program does; the calls for each model stand for `CALLS`.
    main: &'static str,
    /// One of these calls, with STEP for the name of the function.
    call: &'static str,
    /// Further modules, with their names.
    others: Vec<(&'static str, String)>,
}

/// The table of a model.
const TABLE: &str = "CREATE TABLE mSELF (pk INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, \
    title TEXT NOT NULL, count INTEGER NOT NULL, size INTEGER NOT NULL, ratio REAL NOT NULL, active INTEGER NOT NULL, \
    note TEXT, parent_id INTEGER NOT NULL, other_id INTEGER) STRICT;\n";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["write", library, models, folder] => {
            let models: Vec<_> = (0..models.parse()?).map(|number| Model { number }).collect();
            if models.is_empty() || models.len() % GROUP != 0 || models.len() > 100 {
                return Err("as many models as 10, 20 and so on up to 100".into());
            }
            let templates = match *library {
                "sqliter" => sqliter::templates(),
                "sea-orm" => sea_orm::templates(),
                "diesel" => diesel::templates(&models),
                other => return Err(format!("no templates for {other}").into()),
            };
            Ok(write(library, Path::new(folder), &models, &templates)?)
        }
        ["text", program] => {
            println!("{}", text(Path::new(program))?);
            Ok(())
        }
        _ => Err("usage: bench-compile write LIBRARY MODELS FOLDER | bench-compile text PROGRAM".into()),
    }
}

fn write(library: &str, folder: &Path, models: &[Model], templates: &Templates) -> io::Result<()> {
    let source = folder.join("src");
    if source.exists() {
        fs::remove_dir_all(&source)?;
    }
    fs::create_dir_all(&source)?;
    let package = format!("[package]\nname = \"models-{library}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n");
    let manifest = format!("{package}\n[workspace]\n\n[dependencies]\n{}", templates.dependencies);
    fs::write(folder.join("Cargo.toml"), manifest)?;
    let each = |template: &str| models.iter().map(|model| model.fill(template)).collect::<String>();
    let mut main = each("mod mSELF;\n");
    for (name, text) in &templates.others {
        main.push_str(&format!("mod {name};\n"));
        fs::write(source.join(format!("{name}.rs")), text)?;
    }
    // All rows are there before any is read, since each refers to another.
    let calls = ["fill", "read"].map(|step| each(&templates.call.replace("STEP", step))).concat();
    main.push_str(&templates.main.replace("CALLS", &calls));
    fs::write(source.join("main.rs"), main)?;
    fs::write(source.join("tables.sql"), each(TABLE))?;
    for model in models {
        fs::write(source.join(model.fill("mSELF.rs")), model.fill(templates.model))?;
    }
    Ok(())
}

/// The bytes of machine code in a program.
fn text(program: &Path) -> Result<u64, Box<dyn Error>> {
    let bytes = fs::read(program)?;
    let file = object::File::parse(bytes.as_slice())?;
    Ok(file.sections().filter(|section| section.kind() == SectionKind::Text).map(|section| section.size()).sum())
}
