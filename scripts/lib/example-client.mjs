// @ts-check
// The client of the portal that demo and load make: the guide's own Jane Doe. Address and user come with each.
export const EXAMPLE_CLIENT = {
  first_name: 'Jane',
  last_name: 'Doe',
  address1: '99 Elm St.',
  city: 'New York',
  state: 'NY',
  country: 'US',
  zip_code: '1000',
  currency: 'EUR',
  create_auto_order_service: true,
};
