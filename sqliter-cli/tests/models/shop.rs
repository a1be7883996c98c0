//! The tables of shop.db, as `sqliter models` has read them.

// Clippy takes a column that two indexes have for an attribute that is given twice.
#![allow(clippy::duplicated_attributes)]

use sqliter::prelude::*;
use sqliter::Row;

/// A row of the table `Categories`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "Categories")]
#[model(strict = false)]
#[model(has_many(products = Product::category))]
pub struct Category {
    #[model(pk, column = "CategoryID", sql = "INTEGER PRIMARY KEY AUTOINCREMENT")]
    pub category_id: Key<Category>,
    #[model(column = "CategoryName", sql = "TEXT")]
    pub category_name: Option<String>,
    #[model(column = "Description", sql = "TEXT")]
    pub description: Option<String>,
    #[model(column = "Picture", sql = "BLOB")]
    pub picture: Option<Vec<u8>>,
}

/// A row of the table `CustomerDemographics`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "CustomerDemographics")]
#[model(strict = false)]
#[model(has_many(customer_customer_demos = CustomerCustomerDemo::customer_type))]
#[model(many_to_many(customers = Customer::customer_demographics))]
pub struct CustomerDemographic {
    #[model(pk, column = "CustomerTypeID", sql = "TEXT PRIMARY KEY NOT NULL")]
    pub customer_type_id: String,
    #[model(column = "CustomerDesc", sql = "TEXT")]
    pub customer_desc: Option<String>,
}

/// A row of the table `Customers`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "Customers")]
#[model(strict = false)]
#[model(has_many(customer_customer_demos = CustomerCustomerDemo::customer))]
#[model(many_to_many(customer_demographics = CustomerDemographic, through = CustomerCustomerDemo))]
#[model(has_many(orders = Order::customer))]
pub struct Customer {
    #[model(pk, column = "CustomerID", sql = "TEXT PRIMARY KEY")]
    pub customer_id: String,
    #[model(column = "CompanyName", sql = "TEXT")]
    pub company_name: Option<String>,
    #[model(column = "ContactName", sql = "TEXT")]
    pub contact_name: Option<String>,
    #[model(column = "City", sql = "TEXT")]
    pub city: Option<String>,
    #[model(column = "Country", sql = "TEXT")]
    pub country: Option<String>,
}

/// A row of the table `CustomerCustomerDemo`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "CustomerCustomerDemo")]
#[model(strict = false)]
#[model(constraint = "PRIMARY KEY (\"CustomerID\", \"CustomerTypeID\")")]
pub struct CustomerCustomerDemo {
    #[model(pk, column = "CustomerID", sql = "TEXT NOT NULL", on_delete = no_action, on_update = no_action)]
    pub customer_id: Key<Customer>,
    #[model(pk, column = "CustomerTypeID", sql = "TEXT NOT NULL", on_delete = no_action, on_update = no_action, index = false)]
    pub customer_type_id: Key<CustomerDemographic>,
}

/// A row of the table `Employees`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "Employees")]
#[model(strict = false)]
#[model(has_many(employees_by_reports_to = Employee::reports_to))]
#[model(has_many(employee_territories = EmployeeTerritory::employee))]
#[model(many_to_many(territories = Territory, through = EmployeeTerritory))]
#[model(has_many(orders = Order::employee))]
pub struct Employee {
    #[model(pk, column = "EmployeeID", sql = "INTEGER PRIMARY KEY AUTOINCREMENT")]
    pub employee_id: Key<Employee>,
    #[model(column = "LastName", sql = "TEXT")]
    pub last_name: Option<String>,
    #[model(column = "FirstName", sql = "TEXT")]
    pub first_name: Option<String>,
    #[model(column = "BirthDate", sql = "DATE")]
    pub birth_date: Option<String>,
    #[model(column = "HireDate", sql = "DATE")]
    pub hire_date: Option<String>,
    #[model(column = "Photo", sql = "BLOB")]
    pub photo: Option<Vec<u8>>,
    #[model(column = "ReportsTo", sql = "INTEGER", on_delete = no_action, on_update = no_action, index = false)]
    pub reports_to_id: Option<Key<Employee>>,
}

/// A row of the table `Regions`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "Regions")]
#[model(strict = false)]
#[model(has_many(territories = Territory::region))]
pub struct Region {
    #[model(pk, column = "RegionID", sql = "INTEGER PRIMARY KEY NOT NULL")]
    pub region_id: Key<Region>,
    #[model(column = "RegionDescription", sql = "TEXT NOT NULL")]
    pub region_description: String,
}

/// A row of the table `Territories`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "Territories")]
#[model(strict = false)]
#[model(has_many(employee_territories = EmployeeTerritory::territory))]
#[model(many_to_many(employees = Employee::territories))]
pub struct Territory {
    #[model(pk, column = "TerritoryID", sql = "TEXT PRIMARY KEY NOT NULL")]
    pub territory_id: String,
    #[model(column = "TerritoryDescription", sql = "TEXT NOT NULL")]
    pub territory_description: String,
    #[model(column = "RegionID", sql = "INTEGER NOT NULL", on_delete = no_action, on_update = no_action, index = false)]
    pub region_id: Key<Region>,
}

/// A row of the table `EmployeeTerritories`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "EmployeeTerritories")]
#[model(strict = false)]
#[model(constraint = "PRIMARY KEY (\"EmployeeID\", \"TerritoryID\")")]
pub struct EmployeeTerritory {
    #[model(pk, column = "EmployeeID", sql = "INTEGER NOT NULL", on_delete = no_action, on_update = no_action)]
    pub employee_id: Key<Employee>,
    #[model(pk, column = "TerritoryID", sql = "TEXT NOT NULL", on_delete = no_action, on_update = no_action, index = false)]
    pub territory_id: Key<Territory>,
}

/// A row of the table `Shippers`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "Shippers")]
#[model(strict = false)]
#[model(has_many(orders = Order::ship_via))]
pub struct Shipper {
    #[model(pk, column = "ShipperID", sql = "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL")]
    pub shipper_id: Key<Shipper>,
    #[model(column = "CompanyName", sql = "TEXT NOT NULL")]
    pub company_name: String,
    #[model(column = "Phone", sql = "TEXT")]
    pub phone: Option<String>,
}

/// A row of the table `Suppliers`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "Suppliers")]
#[model(strict = false)]
#[model(has_many(products = Product::supplier))]
pub struct Supplier {
    #[model(pk, column = "SupplierID", sql = "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL")]
    pub supplier_id: Key<Supplier>,
    #[model(column = "CompanyName", sql = "TEXT NOT NULL")]
    pub company_name: String,
    #[model(column = "HomePage", sql = "TEXT")]
    pub home_page: Option<String>,
}

/// A row of the table `Products`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "Products")]
#[model(strict = false)]
#[model(check = "[UnitPrice]>=(0)")]
#[model(check = "[ReorderLevel]>=(0)")]
#[model(check = "[UnitsInStock]>=(0)")]
#[model(check = "[UnitsOnOrder]>=(0)")]
#[model(has_many(order_details = OrderDetail::product))]
#[model(many_to_many(orders = Order::products))]
pub struct Product {
    #[model(pk, column = "ProductID", sql = "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL")]
    pub product_id: Key<Product>,
    #[model(column = "ProductName", sql = "TEXT NOT NULL")]
    pub product_name: String,
    #[model(column = "SupplierID", sql = "INTEGER", on_delete = no_action, on_update = no_action, index = false)]
    pub supplier_id: Option<Key<Supplier>>,
    #[model(column = "CategoryID", sql = "INTEGER", on_delete = no_action, on_update = no_action, index = false)]
    pub category_id: Option<Key<Category>>,
    #[model(column = "QuantityPerUnit", sql = "TEXT")]
    pub quantity_per_unit: Option<String>,
    #[model(column = "UnitPrice", sql = "NUMERIC DEFAULT 0")]
    pub unit_price: Option<f64>,
    #[model(column = "UnitsInStock", sql = "INTEGER DEFAULT 0", default = 0)]
    pub units_in_stock: Option<i64>,
    #[model(column = "UnitsOnOrder", sql = "INTEGER DEFAULT 0", default = 0)]
    pub units_on_order: Option<i64>,
    #[model(column = "ReorderLevel", sql = "INTEGER DEFAULT 0", default = 0)]
    pub reorder_level: Option<i64>,
    #[model(column = "Discontinued", sql = "TEXT NOT NULL DEFAULT '0'", default = "0")]
    pub discontinued: String,
}

/// A row of the table `Orders`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "Orders")]
#[model(strict = false)]
#[model(has_many(order_details = OrderDetail::order))]
#[model(many_to_many(products = Product, through = OrderDetail))]
pub struct Order {
    #[model(pk, column = "OrderID", sql = "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL")]
    pub order_id: Key<Order>,
    #[model(column = "CustomerID", sql = "TEXT", on_delete = no_action, on_update = no_action, index = false)]
    pub customer_id: Option<Key<Customer>>,
    #[model(column = "EmployeeID", sql = "INTEGER", on_delete = no_action, on_update = no_action, index = false)]
    pub employee_id: Option<Key<Employee>>,
    #[model(column = "OrderDate", sql = "DATETIME")]
    pub order_date: Option<String>,
    #[model(column = "ShipVia", sql = "INTEGER", on_delete = no_action, on_update = no_action, index = false)]
    pub ship_via_id: Option<Key<Shipper>>,
    #[model(column = "Freight", sql = "NUMERIC DEFAULT 0")]
    pub freight: Option<f64>,
    #[model(column = "ShipName", sql = "TEXT")]
    pub ship_name: Option<String>,
}

/// A row of the table `Order Details`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "Order Details")]
#[model(strict = false)]
#[model(constraint = "PRIMARY KEY (\"OrderID\", \"ProductID\")")]
#[model(check = "[Discount]>=(0) AND [Discount]<=(1)")]
#[model(check = "[Quantity]>(0)")]
#[model(check = "[UnitPrice]>=(0)")]
pub struct OrderDetail {
    #[model(pk, column = "OrderID", sql = "INTEGER NOT NULL", on_delete = no_action, on_update = no_action)]
    pub order_id: Key<Order>,
    #[model(pk, column = "ProductID", sql = "INTEGER NOT NULL", on_delete = no_action, on_update = no_action, index = false)]
    pub product_id: Key<Product>,
    #[model(column = "UnitPrice", sql = "NUMERIC NOT NULL DEFAULT 0")]
    pub unit_price: f64,
    #[model(column = "Quantity", sql = "INTEGER NOT NULL DEFAULT 1", default = 1)]
    pub quantity: i64,
    #[model(column = "Discount", sql = "REAL NOT NULL DEFAULT 0")]
    pub discount: f64,
}

/// A row of the view `ProductDetails_V`.
///
/// It is no model, as nothing tells its rows apart for sure.
///
/// ```sql
/// CREATE VIEW [ProductDetails_V] as
/// select p.*, c.CategoryName, c.Description as [CategoryDescription], s.CompanyName as [SupplierName]
/// from [Products] p
/// join [Categories] c on p.CategoryID = c.CategoryID
/// join [Suppliers] s on s.SupplierID = p.SupplierID;
/// ```
///
/// Read it by `db.query::<ProductDetailsV>("SELECT * FROM \"ProductDetails_V\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct ProductDetailsV {
    #[row(column = "ProductID")]
    pub product_id: Option<i64>,
    #[row(column = "ProductName")]
    pub product_name: Option<String>,
    #[row(column = "SupplierID")]
    pub supplier_id: Option<i64>,
    #[row(column = "CategoryID")]
    pub category_id: Option<i64>,
    #[row(column = "QuantityPerUnit")]
    pub quantity_per_unit: Option<String>,
    #[row(column = "UnitPrice")]
    pub unit_price: Option<f64>,
    #[row(column = "UnitsInStock")]
    pub units_in_stock: Option<i64>,
    #[row(column = "UnitsOnOrder")]
    pub units_on_order: Option<i64>,
    #[row(column = "ReorderLevel")]
    pub reorder_level: Option<i64>,
    #[row(column = "Discontinued")]
    pub discontinued: Option<String>,
    #[row(column = "CategoryName")]
    pub category_name: Option<String>,
    #[row(column = "CategoryDescription")]
    pub category_description: Option<String>,
    #[row(column = "SupplierName")]
    pub supplier_name: Option<String>,
}

/// All models.
pub type All = (
    Category,
    CustomerDemographic,
    Customer,
    CustomerCustomerDemo,
    Employee,
    Region,
    Territory,
    EmployeeTerritory,
    Shipper,
    Supplier,
    Product,
    Order,
    OrderDetail,
);
