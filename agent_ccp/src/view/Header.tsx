import TopNavigation, { type TopNavigationProps } from '@cloudscape-design/components/top-navigation';
import type { Config } from '../config';
import type { Agent } from '../connect/types';
import { useLook, type Look } from './mode';

const LOOKS: readonly [Look, string][] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

interface Props {
  readonly config: Config;
  readonly agent: Agent | null;
  readonly onState: (name: string) => void;
}

export function Header({ config, agent, onState }: Props) {
  const [look, setLook] = useLook();
  const utilities: TopNavigationProps.Utility[] = [
    {
      type: 'menu-dropdown',
      iconName: 'settings',
      ariaLabel: 'Appearance',
      title: 'Appearance',
      items: LOOKS.map(([id, text]) => ({
        id,
        text,
        itemType: 'checkbox' as const,
        checked: look === id,
      })),
      onItemClick: ({ detail }) => setLook(detail.id as Look),
    },
  ];
  if (agent?.state) {
    const { state } = agent;
    utilities.push({
      type: 'menu-dropdown',
      iconName: 'user-profile',
      text: `${agent.name} · ${state.name}`,
      ariaLabel: `${agent.name}, ${state.name}. Change your state`,
      description: agent.username,
      items: agent.states.map(({ name }) => ({ id: name, text: name, disabled: name === state.name })),
      onItemClick: ({ detail }) => onState(detail.id),
    });
  }
  return (
    <TopNavigation
      identity={{ href: config.instanceUrl || '#', title: config.title, logo: { src: './icon.svg', alt: '' } }}
      utilities={utilities}
    />
  );
}
