//! The engines that keep tenants apart.
