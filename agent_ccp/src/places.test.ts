import { expect, it } from 'vitest';
import { placesFor } from './places';

const place = (type: string, name: string): { type: string; name: string; arn: string } => ({ type, name, arn: name });
const ALL = [place('agent', 'Zoë 10'), place('phone_number', 'Office'), place('queue', 'Returns'), place('agent', 'Zoë 2'), place('queue', 'Billing')];

it('lists queues, colleagues and others, each by name', () => {
  const groups = placesFor(ALL, '').map(({ title, places }) => [title, places.map(({ name }) => name)]);
  expect(groups).toEqual([
    ['Queues', ['Billing', 'Returns']],
    ['Colleagues', ['Zoë 2', 'Zoë 10']],
    ['Others', ['Office']],
  ]);
});

it.each([
  ['zoe', ['Zoë 2', 'Zoë 10']],
  ['10 ZOË', ['Zoë 10']],
  ['nobody', []],
])('finds by %j: %j', (typed, names) => {
  expect(placesFor(ALL, typed).flatMap(({ places }) => places.map(({ name }) => name))).toEqual(names);
});
