sqliter_cli::manage!(sqliter_manage_tests::renamed::All);
