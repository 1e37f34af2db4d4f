prodgen new service api --team shop --preset internal-api --image registry.example.com/shop/checkout:1.4.2 --set 'about={"storesPii":false}' --no-input
