prodgen new worker mailer --team shop --image registry.example.com/shop/checkout:1.4.2 --no-input
