import Button from '@cloudscape-design/components/button';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { CaseMessage } from '../api';
import { ACTIONS, isAnswer, otherReplyTo, writer, type Action } from '../decision';
import { shown } from '../mail/text';
import type { Decisions, Question } from './decisions';

interface Props {
  readonly message: CaseMessage;
  readonly actions: readonly Action[];
  readonly decisions: Decisions;
  readonly onChoose: (question: Question) => void;
}

/** Each action with what follows from it, and what went wrong with one. */
export function Choices({ message, actions, decisions, onChoose }: Props) {
  const { running, failed, locked, run } = decisions;
  const about = isAnswer(message) ? `answer by ${writer(message)}` : `mail from ${writer(message)}`;
  const asked = otherReplyTo(message).map(({ address }) => shown(address)).join(', ');
  const own = locked === null && failed?.id === message.id && actions.includes(failed.action) ? failed : null;
  return (
    <div className="choices">
      {actions.map((action) => {
        const { label, meaning } = ACTIONS[action];
        const mine = running?.message.id === message.id && running.action === action;
        const text = action === 'reply-to' ? `${label} ${asked}` : label;
        return (
          <div key={action} className={`choice ${action}`}>
            <Button
              fullWidth={action !== 'reply-to'}
              loading={mine}
              disabled={locked !== null || (running !== null && !mine)}
              disabledReason={locked ?? undefined}
              ariaLabel={`${text} (${about})`}
              onClick={() => onChoose({ message, action })}
            >
              {text}
            </Button>
            <span className="choice-meaning">{meaning}</span>
            {own?.action === action && (
              <div className="choice-failed" role="alert">
                <StatusIndicator type="error">“{label}” did not work.</StatusIndicator> {shown(own.detail)}{' '}
                {own.again && (
                  <button type="button" className="bare link" onClick={() => void run({ message, action })}>
                    Try again
                  </button>
                )}
              </div>
            )}
          </div>
        );
      })}
      {locked !== null && (
        <p className="words">
          <StatusIndicator type="info">Disabled.</StatusIndicator> This page has no session for the case now. {shown(locked)}
        </p>
      )}
    </div>
  );
}
