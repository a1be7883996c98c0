//! Writes a crate of 100 models for a library: `bench-compile LIBRARY FOLDER`.
//!
//! Each model has 10 fields, 3 relations (to the model before, perhaps to another one, and many from the model after)
//! and a file of its own with a query over two tables. The models refer to each other in groups of ten.

mod diesel;
mod sea_orm;
mod sqliter;

use std::error::Error;
use std::path::Path;
use std::{fs, io};

/// How many models there are.
const MODELS: usize = 100;

/// How many of them refer to each other.
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
    /// Further files, with their names.
    others: Vec<(&'static str, String)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(library), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bench-compile LIBRARY FOLDER".into());
    };
    let models: Vec<_> = (0..MODELS).map(|number| Model { number }).collect();
    let templates = match library.as_str() {
        "sqliter" => sqliter::templates(),
        "sea-orm" => sea_orm::templates(),
        "diesel" => diesel::templates(&models),
        other => return Err(format!("no templates for {other}").into()),
    };
    write(&library, Path::new(&folder), &models, &templates)?;
    Ok(())
}

fn write(library: &str, folder: &Path, models: &[Model], templates: &Templates) -> io::Result<()> {
    let source = folder.join("src");
    fs::create_dir_all(&source)?;
    let package = format!("[package]\nname = \"models-{library}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n");
    let manifest = format!("{package}\n[workspace]\n\n[dependencies]\n{}", templates.dependencies);
    fs::write(folder.join("Cargo.toml"), manifest)?;
    let mut modules: Vec<_> = models.iter().map(|model| model.fill("pub mod mSELF;\n")).collect();
    for (name, text) in &templates.others {
        modules.push(format!("pub mod {name};\n"));
        fs::write(source.join(format!("{name}.rs")), text)?;
    }
    fs::write(source.join("lib.rs"), modules.concat())?;
    for model in models {
        fs::write(source.join(model.fill("mSELF.rs")), model.fill(templates.model))?;
    }
    Ok(())
}
