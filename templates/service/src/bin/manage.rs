sqliter_cli::manage!({{crate_name}}::models::All);
